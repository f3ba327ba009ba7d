"""Markers of list items: bullets, numbers and letters."""

from __future__ import annotations

import regex

BULLETS = "•‣⁃◦∙▪▫■□●○◆◇►▸➢➤✓✔"

ITEM_AHEAD = rf"[{BULLETS}]\s*\w | \(?(?:\d{{1,3}}|[a-z])[.)]\)?\s"
"""Finds what may begin a list item within a line, in a verbose expression of `regex`."""

_BULLET = rf"[{BULLETS}]"
_NUMBERED = regex.compile(rf"[\s{BULLETS}]*+(?P<bracket>\(?)(?P<label>\d{{1,3}}|[a-z])(?P<style>\.\)|[.)])(?=\s)")
_ONLY_MARKER = regex.compile(rf"[\s{BULLETS}*+–-]*+[(\[]?(?:\d{{1,3}}(?:\.\d{{1,3}})*|\p{{L}}|[IVXivx]{{1,5}})?[.)\]]*")
_ITEM = regex.compile(
    rf"""
    \s*+
    (?: {_BULLET} | [-–—*+·]\s | [#>|] | [=_*~`-]{{3}} | [\[(]\d{{1,3}}[\])] | §\s*\d
      | \(? (?: \d{{1,3}}(?:\.\d{{1,3}})*+ | \p{{L}} | [ivx]{{1,5}} ) [.)]++ \s )
    """,
    regex.VERBOSE,
)


def begins_item(text: str, position: int) -> bool:
    """Return whether a line that begins here is a list item, a heading, a quote or a row of a table in plain text."""
    return _ITEM.match(text, position) is not None


def is_only_marker(text: str, start: int, end: int) -> bool:
    """Return whether there is nothing but a list item's marker, less its full stop: "•", "1", "(a"."""
    return end - start < 24 and _ONLY_MARKER.fullmatch(text, start, end) is not None


def is_next_item(text: str, start: int, position: int) -> bool:
    """Return whether the item at `position` follows the one that begins at `start`: "b)" after "a)"."""
    first, second = _NUMBERED.match(text, start), _NUMBERED.match(text, position)
    if first is None or second is None:
        return False
    same = first["bracket"] == second["bracket"] and first["style"] == second["style"]
    return same and _number(second["label"]) == _number(first["label"]) + 1


def _number(label: str) -> int:
    return int(label) if label.isdigit() else ord(label) - 10_000
