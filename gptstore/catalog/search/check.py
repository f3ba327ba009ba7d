"""Compares the index of tools with their table, for the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from gptstore.catalog.index.full_text import full_text
from gptstore.catalog.index.models import SearchEntry
from gptstore.catalog.index.place import place_of
from gptstore.catalog.index.tokens import COLUMNS, tokens_of
from gptstore.catalog.models import Tool

MAX_COMPARED = 10_000
BATCH = 500


@dataclass(frozen=True)
class Comparison:
    """missing: tools that no search finds. stale: of the compared ones, those that are found by what they were."""

    tools: int
    compared: int
    missing: int
    stale: int
    follows_runs: bool

    @property
    def agrees(self) -> bool:
        return not self.missing and not self.stale and self.follows_runs


def compare() -> Comparison:
    """Compare the texts of up to MAX_COMPARED tools, evenly chosen, and whether the others are there at all."""
    ids = list(Tool.objects.order_by("pk").values_list("pk", flat=True))
    chosen = ids[:: -(-len(ids) // MAX_COMPARED)] if ids else []
    missing = Tool.objects.filter(search_entry=None).count()
    stale = sum(stale_of(chosen[start : start + BATCH]) for start in range(0, len(chosen), BATCH))
    return Comparison(len(ids), len(chosen), missing, stale, full_text(connection).follows_runs())


def stale_of(ids: list[int]) -> int:
    """Return how many of these tools have an entry that is not what it would be if it were written now."""
    places = dict(SearchEntry.objects.filter(pk__in=ids).values_list("tool", "place"))
    indexed = full_text(connection).read([*places.values()])
    rows = Tool.objects.filter(pk__in=places).values(*COLUMNS)
    return sum(indexed.get(places[pk]) != tokens or places[pk] != place for pk, place, tokens in entries_of(rows))


def entries_of(rows: "object") -> Iterator[tuple[int, int, set[str]]]:
    for row in rows:  # type: ignore[attr-defined]
        yield row["id"], place_of(row["runs_week"], row["runs"], row["id"]), set(tokens_of(row))
