"""The index in PostgreSQL: a column of tsvector with a GIN index. It needs no extension."""

from collections.abc import Mapping, Sequence
from typing import Any

from gptstore.catalog.index.expression import Expression, Term
from gptstore.catalog.index.full_text import MOVE, MOVED, TRIGGER, FullText


class PostgresText(FullText):
    """Tokens are lexemes as they are: no dictionary and no locale of the server changes them."""

    create = [
        "ALTER TABLE catalog_searchentry ADD COLUMN tokens tsvector NOT NULL DEFAULT ''",
        "CREATE INDEX catalog_searchentry_tokens ON catalog_searchentry USING gin (tokens) WITH (fastupdate = off)",
    ]
    drop = [
        f"DROP TRIGGER IF EXISTS {TRIGGER} ON catalog_tool",
        f"DROP FUNCTION IF EXISTS {TRIGGER}()",
        "ALTER TABLE catalog_searchentry DROP COLUMN IF EXISTS tokens",
    ]
    follow_runs = [
        f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN {MOVE} RETURN NULL; END $$",
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE OF runs, runs_week ON catalog_tool FOR EACH ROW WHEN ({MOVED}) "
        f"EXECUTE FUNCTION {TRIGGER}()",
    ]

    def write(self, tokens: Mapping[int, Sequence[str]]) -> None:
        texts = [" ".join(its) for its in tokens.values()]
        with self.connection.cursor() as cursor:
            cursor.execute(
                """UPDATE catalog_searchentry AS entry SET tokens = array_to_tsvector(string_to_array(new.tokens, ' '))
                FROM unnest(%s::bigint[], %s::text[]) AS new (place, tokens) WHERE entry.place = new.place""",
                [[*tokens], texts],
            )

    def read(self, places: Sequence[int]) -> dict[int, set[str]]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT place, tsvector_to_array(tokens) FROM catalog_searchentry WHERE place = ANY(%s)", [[*places]]
            )
            return {place: set(tokens) for place, tokens in cursor.fetchall()}

    def follows_runs(self) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'catalog_tool'::regclass AND tgname = %s", [TRIGGER]
            )
            return bool(cursor.fetchone()[0])

    def delete_strays(self) -> int:
        return 0  # tokens are a column of the entry

    def match(self, expression: Expression, after: int | None, limit: int) -> tuple[str, list[Any]]:
        follows, place = ("", []) if after is None else (" AND place < %s", [after])
        sql = "SELECT place FROM catalog_searchentry WHERE tokens @@ %s::tsquery"
        return f"{sql}{follows} ORDER BY place DESC LIMIT %s", [in_tsquery(expression), *place, limit]


def in_tsquery(expression: Expression) -> str:
    """Write an expression as tsquery has it."""
    wanted = " & ".join(f"({' | '.join(map(term, group))})" for group in expression.groups)
    return f"({wanted}) & !({in_tsquery(expression.without)})" if expression.without else wanted


def term(term: Term) -> str:
    quoted = "'" + term.token.replace("\\", "\\\\").replace("'", "''") + "'"
    return quoted + ":*" if term.is_prefix else quoted
