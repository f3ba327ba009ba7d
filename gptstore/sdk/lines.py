"""Keeps a text's line breaks, of whatever kind, through a model that knows only one."""

from __future__ import annotations

import re

BREAKS = r"\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
"""The characters that end a line, for a character class: those of `str.splitlines`."""

_BREAK = re.compile(rf"((?<!\s)\s*[\t{BREAKS}]\s*)")
_PARAGRAPH = re.compile(rf"((?<!\s)\s*(?:(?>\r\n|[{BREAKS}])[^\S{BREAKS}]*[{BREAKS}]|[\x0c\u2029])\s*)")


def split_lines(text: str) -> list[tuple[str, str]]:
    """Return each line with the white space that ends it, line breaks and tabs; empty lines belong to it.

    Joined, the pairs are the text.
    """
    return _pairs(_BREAK, text)


def split_paragraphs(text: str) -> list[tuple[str, str]]:
    """Return each paragraph with the white space that ends it, which has an empty line in it, or is a page's end."""
    return _pairs(_PARAGRAPH, text)


def plain_breaks(text: str) -> str:
    """Return the text with the breaks that each model knows: a new line, an empty line, or a tab."""
    return "".join(line + _plain(end) for line, end in split_lines(text))


def with_breaks(text: str, answer: str) -> str | None:
    """Return the answer with the breaks of the text that it was made from; None when it has not as many lines."""
    wanted, found = split_lines(text), split_lines(answer)
    if len(wanted) != len(found):
        return None
    return "".join(line + end for (line, _), (_, end) in zip(found, wanted, strict=True))


def in_one_line(text: str) -> str:
    """Return the text with a space in place of each character that ends a line."""
    return re.sub(f"[{BREAKS}]", " ", text)


def _pairs(ends: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    pieces = [*ends.split(text), ""]
    return [*zip(pieces[::2], pieces[1::2], strict=True)]


def _plain(end: str) -> str:
    if _PARAGRAPH.fullmatch(end):
        return "\n\n"
    return "\n" if re.search(f"[{BREAKS}]", end) else "\t" * bool(end)
