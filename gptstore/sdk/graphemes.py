"""Grapheme clusters, what a reader takes for one character: a letter with its marks, a flag, a family of emoji.

The rules are those of Unicode Standard Annex #29, as the `regex` package has them.
"""

from __future__ import annotations

import regex

MAX_CODE_POINTS = 64
"""The longest cluster that is kept whole; the Stream-Safe Text Format (UAX #15) allows 30 marks after a letter."""

_CLUSTER = regex.compile(r"\X")
# A letter that joins nothing before it: clusters can be counted from it on.
_LETTER = regex.compile(r"[\p{GCB=Other}--\p{Extended_Pictographic}]", regex.V1)


def graphemes(text: str) -> list[str]:
    """Return the grapheme clusters of a text: `"".join(result) == text`."""
    return _CLUSTER.findall(text)


def next_grapheme_border(text: str, start: int) -> int:
    """Return where the cluster that begins at `start` ends; at most `MAX_CODE_POINTS` behind it."""
    cluster = _CLUSTER.match(text, start, min(len(text), start + MAX_CODE_POINTS))
    return cluster.end() if cluster else start


def is_grapheme_border(text: str, position: int) -> bool:
    """Return whether a text can be cut here without cutting what a reader takes for one character."""
    return last_grapheme_border(text, position) == position


def last_grapheme_border(text: str, position: int) -> int:
    """Return the last grapheme border at or before a position, so that `text[:result]` ends with a whole character.

    A cluster of more than `MAX_CODE_POINTS` may be cut: nothing that people write has so many.
    """
    if not 0 < position < len(text):
        return min(max(position, 0), len(text))
    start = position - 1
    while start > 0 and start > position - MAX_CODE_POINTS and not _LETTER.match(text, start):
        start -= 1
    end = min(len(text), position + MAX_CODE_POINTS)
    border = start
    for cluster in _CLUSTER.finditer(text, start, end):
        if cluster.end() > position:
            return position if cluster.end() - cluster.start() > MAX_CODE_POINTS else border
        border = cluster.end()
    return border
