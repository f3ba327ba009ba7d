"""The index in SQLite: a table of its extension FTS5, which reads the rows that fit in the order of their ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from gptstore.catalog.index.expression import Expression, Term
from gptstore.catalog.index.full_text import MOVE, MOVED, TRIGGER, FullText

MAX_PREFIX = 6
"""A prefix of up to so many characters has its own list; a longer one is put together from those of the words."""

PREFIXES = " ".join(map(str, range(2, MAX_PREFIX + 1)))


class SQLiteText(FullText):
    """The tokenizer `ascii` takes all but ASCII for letters: it only cuts where `words` put a space."""

    create = [
        f"""CREATE VIRTUAL TABLE catalog_searchtext
            USING fts5(tokens, prefix='{PREFIXES}', tokenize="ascii tokenchars '+#=@'")""",
        """CREATE TRIGGER catalog_searchentry_moved AFTER UPDATE OF place ON catalog_searchentry
            WHEN NEW.place <> OLD.place
            BEGIN UPDATE catalog_searchtext SET rowid = NEW.place WHERE rowid = OLD.place; END""",
        """CREATE TRIGGER catalog_searchentry_deleted AFTER DELETE ON catalog_searchentry
            BEGIN DELETE FROM catalog_searchtext WHERE rowid = OLD.place; END""",
    ]
    drop = [f"DROP TRIGGER IF EXISTS {TRIGGER}", "DROP TABLE IF EXISTS catalog_searchtext"]
    follow_runs = [
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE OF runs, runs_week ON catalog_tool WHEN {MOVED} BEGIN {MOVE} END"
    ]

    def write(self, tokens: Mapping[int, Sequence[str]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany("DELETE FROM catalog_searchtext WHERE rowid = %s", [(place,) for place in tokens])
            rows = [(place, " ".join(its)) for place, its in tokens.items()]
            cursor.executemany("INSERT INTO catalog_searchtext (rowid, tokens) VALUES (%s, %s)", rows)

    def read(self, places: Sequence[int]) -> dict[int, set[str]]:
        marks = ", ".join(["%s"] * len(places))
        sql = f"SELECT rowid, tokens FROM catalog_searchtext WHERE rowid IN ({marks})"  # noqa: S608
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [*places])
            return {place: set(tokens.split()) for place, tokens in cursor.fetchall()}

    def follows_runs(self) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s", [TRIGGER])
            return bool(cursor.fetchone()[0])

    def delete_strays(self) -> int:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM catalog_searchtext WHERE rowid IN "
                "(SELECT rowid FROM catalog_searchtext EXCEPT SELECT place FROM catalog_searchentry)"
            )
            return cursor.rowcount

    def match(self, expression: Expression, after: int | None, limit: int) -> tuple[str, list[Any]]:
        follows, place = ("", []) if after is None else (" AND rowid < %s", [after])
        sql = "SELECT rowid AS place FROM catalog_searchtext WHERE catalog_searchtext MATCH %s"
        return f"{sql}{follows} ORDER BY rowid DESC LIMIT %s", [in_fts5(expression), *place, limit]


def in_fts5(expression: Expression) -> str:
    """Write an expression as FTS5 reads it."""
    wanted = " AND ".join(f"({' OR '.join(map(term, group))})" for group in expression.groups)
    return f"({wanted}) NOT ({in_fts5(expression.without)})" if expression.without else wanted


def term(term: Term) -> str:
    quoted = '"' + term.token.replace('"', '""') + '"'
    return quoted + "*" if term.is_prefix else quoted
