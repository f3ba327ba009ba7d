"""Keeps the index of tools like their table: whatever changes a tool writes it in the same transaction."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connections, models, transaction

from gptstore.catalog.search.full_text import full_text
from gptstore.catalog.search.place import place_of
from gptstore.catalog.search.spelling import remember
from gptstore.catalog.search.tokens import COLUMNS, spellings_of, tokens_of

BATCH = 500


def index_tools(tools: "models.QuerySet[Any]") -> None:
    """Write the entries of these tools, as their rows are now."""
    for _done in index_in_batches(tools):
        pass


def index_in_batches(tools: "models.QuerySet[Any]") -> Iterator[int]:
    """Do so, each batch in a transaction of its own, and yield how many tools it had."""
    ids = list(tools.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        with transaction.atomic(using=tools.db):
            rows = tools.model._base_manager.using(tools.db).filter(pk__in=some).values(*COLUMNS)
            write_entries(connections[tools.db], rows)
        yield len(some)


def write_entries(connection: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the entries of rows of the table of tools."""
    tokens, spellings = {}, set[str]()
    for row in rows:
        its = tokens_of(row)
        tokens[place_of(row["runs_week"], row["runs"], row["id"]), row["id"]] = its
        spellings |= spellings_of(its)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO catalog_searchentry (place, tool_id) VALUES (%s, %s) "
            "ON CONFLICT (tool_id) DO UPDATE SET place = excluded.place",
            [*tokens],
        )
    full_text(connection).write({place: its for (place, _id), its in tokens.items()})
    remember(connection, spellings)
