"""Keeps the index of tools like their table: whatever changes a tool writes it in the same transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from gptstore.catalog.index.full_text import full_text
from gptstore.catalog.index.models import SearchWord
from gptstore.catalog.index.place import place_of
from gptstore.catalog.index.spelling import remember
from gptstore.catalog.index.tokens import COLUMNS, spellings_of, tokens_of

BATCH = 500


def index_rows(model: Any, key: str, values: Sequence[Any], using: str | None) -> None:
    """Write the entries of the tools with these values of a key, as their rows are now. model: of the tools."""
    for _rows, _spellings in index_in_batches(model, key, values, using):
        pass


def index_in_batches(model: Any, key: str, values: Sequence[Any], using: str | None) -> Iterator[tuple[int, set[str]]]:
    """Do so, each batch in a transaction, and yield of how many values it was, and the words of its tools."""
    for start in range(0, len(values), BATCH):
        some = values[start : start + BATCH]
        with transaction.atomic(using=using):
            rows = model._base_manager.using(using).filter(**{f"{key}__in": some}).values(*COLUMNS)
            spellings = write_entries(connections[using or DEFAULT_DB_ALIAS], rows)
        yield len(some), spellings


def rebuild(model: Any, using: str = DEFAULT_DB_ALIAS) -> Iterator[int]:
    """Write the index of all tools anew, while it is used, and yield how many it has got.

    The words of tools that are no more are forgotten.
    """
    connection = connections[using]
    full_text(connection).keep_following()
    known = set(SearchWord.objects.using(using).values_list("word", flat=True))
    done = 0
    for rows, spellings in index_in_batches(model, "pk", ids_of(model, using), using):
        done += rows
        known -= spellings
        yield done
    full_text(connection).delete_strays()
    forgotten = sorted(known)
    for start in range(0, len(forgotten), BATCH):
        SearchWord.objects.using(using).filter(word__in=forgotten[start : start + BATCH]).delete()


def ids_of(model: Any, using: str) -> list[int]:
    return list(model._base_manager.using(using).order_by("pk").values_list("pk", flat=True))


def write_entries(connection: Any, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Write the entries of rows of the table of tools, and return the words that misspelt ones are compared with."""
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
    return spellings
