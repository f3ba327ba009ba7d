"""Finds tools by words, best first, a page at a time."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.db import connections

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.index.full_text import FullText, full_text
from gptstore.catalog.index.place import tool_at
from gptstore.catalog.models import Tool, ToolQuerySet
from gptstore.catalog.search.levels import ANY, Filters, Levels, levels_of

MAX_COUNTED = 1000
"""So many are counted; when there are more, the count is this."""

MAX_EXAMINED = 10_000
"""A page looks at so many that fit, should its reader not see the first ones. It may be short; the next one goes on."""

FEW = 100
"""When no more than so many fit, all are ranked with one query."""

MAX_BATCH = 2000
CORRECTED = "~"
CURSOR = re.compile(r"(?P<corrected>~?)(?P<level>[0-5])-(?P<place>[0-9]{1,19})", re.ASCII)
MAX_PLACE = 2**63 - 1


class Position(NamedTuple):
    """The position of a tool in a result: a level, and its place there. The next ones have a smaller place."""

    level: int
    place: int


@dataclass
class Found:
    """A page of what a search found.

    after: the cursor of the next page; "" at the end. corrections: the words that were found instead of misspelt ones,
    by these: nothing was found without.
    """

    tools: list[Tool]
    after: str = ""
    corrections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    count_all: Callable[[], int] = field(default=lambda: 0, repr=False)

    @cached_property
    def count(self) -> int:
        """Return how many are found in all, MAX_COUNTED when they are more. It costs up to two queries."""
        return self.count_all()


def find(
    tools: ToolQuerySet,
    query: str,
    *,
    filters: Filters = ANY,
    limit: int = 24,
    after: str = "",
    offset: int = 0,
) -> Found:
    """Find those of these tools in which each word of the query begins a word, in any language of their texts.

    Tools with all words in the title come first, then those that have the others in tags or the category, in the
    summary, in the description; of these the ones first that are used most. When none is found, words with one mistake
    are corrected.

    after: the cursor of the page before. Raises WrongCursor. offset: how many to leave out after it, up to MAX_COUNTED.
    """
    start, corrected = read_cursor(after)
    levels = levels_of(query, filters, corrected=corrected)
    found = page_of(tools, levels, start, limit, offset) if levels else Found([])
    if after or found.tools or found.after or (offset and found.count):
        return found
    levels = levels_of(query, filters, corrected=True)
    return page_of(tools, levels, None, limit, offset) if levels else found


def page_of(tools: ToolQuerySet, levels: Levels, start: Position | None, limit: int, offset: int) -> Found:
    """Return the tools of a page in order."""
    index = full_text(connections[tools.db])
    end = min(offset + limit, MAX_COUNTED) if offset else limit
    if start is None and (few := rank_few(index, levels)) is not None:
        ranked = those_of(tools, few)
        after = write_cursor(ranked[end - 1], levels) if len(ranked) > end else ""
        return Found(in_order(tools, ranked[offset:end]), after, levels.corrections, lambda: len(ranked))
    ranked, last, examined = [], start, 0
    for batch in batches(index, levels, start, end + 1):
        ranked += those_of(tools, batch)
        examined, last = examined + len(batch), batch[-1]
        if len(ranked) > end or examined >= MAX_EXAMINED:
            break
    else:
        last = None
    last = ranked[end - 1] if len(ranked) > end else last
    after = write_cursor(last, levels) if last else ""
    shown = in_order(tools, ranked[offset:end])
    return Found(shown, after, levels.corrections, lambda: count_all(tools, index, levels))


def rank_few(index: FullText, levels: Levels) -> list[Position] | None:
    """Return all that fit in order, with two queries; None when they are more than a few."""
    found = index.find(levels.all, None, FEW + 1)
    if len(found) > FEW:
        return None
    return [Position(*row) for row in index.find_by_level(levels.by_level, None, FEW)] if found else []


def batches(index: FullText, levels: Levels, start: Position | None, size: int) -> Iterator[list[Position]]:
    """Yield all that fit in order, after this position. The first batch has this size, later ones are larger.

    A level is looked at when the ones before it had too few: only then are there few of them to leave out.
    """
    for level in range(start.level if start else 0, len(levels.by_level)):
        after = start.place if start and level == start.level else None
        while found := index.find(levels.by_level[level], after, size):
            yield [Position(level, place) for place in found]
            if len(found) < size:
                break
            after, size = found[-1], min(4 * size, MAX_BATCH)


def count_all(tools: ToolQuerySet, index: FullText, levels: Levels) -> int:
    """Count those of the tools that fit, up to MAX_COUNTED."""
    count, examined, after = 0, 0, None
    while count < MAX_COUNTED and examined < MAX_EXAMINED:
        places = index.find(levels.all, after, MAX_COUNTED)
        count += len(visible(tools, places))
        if len(places) < MAX_COUNTED:
            break
        examined, after = examined + len(places), places[-1]
    return min(count, MAX_COUNTED)


def those_of(tools: ToolQuerySet, positions: Sequence[Position]) -> list[Position]:
    """Return the positions at which there is one of the tools."""
    seen = visible(tools, [position.place for position in positions])
    return [position for position in positions if tool_at(position.place) in seen]


def visible(tools: ToolQuerySet, places: Sequence[int]) -> set[int]:
    """Return the ids of those of the tools that are at these places."""
    ids = [tool_at(place) for place in places]
    return set(tools.filter(pk__in=ids).order_by().values_list("pk", flat=True)) if ids else set()


def in_order(tools: ToolQuerySet, positions: Sequence[Position]) -> list[Tool]:
    ids = [tool_at(position.place) for position in positions]
    by_id = {tool.pk: tool for tool in tools.filter(pk__in=ids).order_by()} if ids else {}
    return [by_id[pk] for pk in ids if pk in by_id]


def write_cursor(position: Position, levels: Levels) -> str:
    return f"{CORRECTED if levels.corrected else ''}{position.level}-{position.place}"


def read_cursor(cursor: str) -> tuple[Position | None, bool]:
    """Return the position in a cursor, and whether words were corrected. Raises WrongCursor: anybody may write one."""
    if not cursor:
        return None, False
    if (found := CURSOR.fullmatch(cursor)) is None or int(found["place"]) > MAX_PLACE:
        raise WrongCursor
    return Position(int(found["level"]), int(found["place"])), bool(found["corrected"])
