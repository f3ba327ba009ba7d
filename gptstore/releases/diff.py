"""Compares two texts line by line, in a time that no text can stretch: a patience diff (Bram Cohen).

`difflib` takes minutes for texts that are made to be slow, and here they come from people whom nobody trusts yet.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

CONTEXT = 3
MAX_DEPTH = 8

Kind = Literal["same", "added", "removed", "left out"]


@dataclass(frozen=True)
class Line:
    """A line of a comparison. before, after: its number in each text; None where it is not in it."""

    kind: Kind
    text: str
    before: int | None = None
    after: int | None = None


def compare(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    """Return all lines of both texts in one order; of what is the same only what stands near a change."""
    lines: list[Line] = []
    old, new = 0, 0
    for a, b in [*common(before, after), (len(before), len(after))]:
        lines += [Line("removed", before[n], before=n + 1) for n in range(old, a)]
        lines += [Line("added", after[n], after=n + 1) for n in range(new, b)]
        if a < len(before):
            lines.append(Line("same", before[a], a + 1, b + 1))
        old, new = a + 1, b + 1
    return [*shorten(lines)]


def common(before: Sequence[str], after: Sequence[str], depth: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the indexes of the lines that are the same in both, in order.

    What both begin and end with is the same. Between that, lines that are in each text once are what all else is
    arranged around.
    """
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        yield start, start
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    a_end, b_end = len(before) - end, len(after) - end
    if depth < MAX_DEPTH:
        a, b = start, start
        for i, j in anchors(before[start:a_end], after[start:b_end]):
            yield from shift(common(before[a : start + i], after[b : start + j], depth + 1), a, b)
            yield start + i, start + j
            a, b = start + i + 1, start + j + 1
        if a > start:
            yield from shift(common(before[a:a_end], after[b:b_end], depth + 1), a, b)
    yield from ((a_end + n, b_end + n) for n in range(end))


def shift(pairs: Iterator[tuple[int, int]], a: int, b: int) -> Iterator[tuple[int, int]]:
    return ((a + i, b + j) for i, j in pairs)


def anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest row of lines that are in each text once, in the same order in both (patience sorting)."""
    once = {line for line, number in Counter(before).items() if number == 1}
    once &= {line for line, number in Counter(after).items() if number == 1}
    places = {line: index for index, line in enumerate(after) if line in once}
    tops: list[int] = []
    piles: list[tuple[int, int, int]] = []  # the line in each text, and its predecessor here
    last: list[int] = []
    for i, line in enumerate(before):
        if line not in once:
            continue
        pile = bisect_left(tops, places[line])
        piles.append((i, places[line], last[pile - 1] if pile else -1))
        tops[pile : pile + 1] = [places[line]]
        last[pile : pile + 1] = [len(piles) - 1]
    row, at = [], last[-1] if last else -1
    while at >= 0:
        i, j, at = piles[at]
        row.append((i, j))
    return row[::-1]


def shorten(lines: Sequence[Line]) -> Iterator[Line]:
    """Leave out what is the same, but for some lines around each change."""
    changed = [n for n, line in enumerate(lines) if line.kind != "same"]
    kept = {near for n in changed for near in range(n - CONTEXT, n + CONTEXT + 1)}
    left_out = False
    for n, line in enumerate(lines):
        if n in kept:
            yield line
        elif not left_out:
            yield Line("left out", "")
        left_out = n not in kept
