"""Renders the output of tools as HTML. A model wrote it: it is untrusted, and often cut off in the middle.

`gptstore.web.render.renderer` calls this in a process of its own, which starts fast because nothing here needs Django
or pydantic: the kinds are those of `gptstore.sdk.output.OutputKind`, by their names.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

from gptstore.sdk.render.budget import cpu_budget
from gptstore.sdk.render.errors import OverBudget
from gptstore.sdk.render.highlight import code_block, highlighted
from gptstore.sdk.render.markdown import render_markdown

Colour = Callable[[str, str], str]
"""Returns code, given with the label of its language, as HTML."""

VERSION = 2
"""To be raised with every change of what is rendered: kept HTML of another version is not shown."""

BASE_SECONDS = 0.2
SECONDS_PER_CHARACTER = 1e-5
"""The budget of processor time: more than a text takes that is nothing but short blocks of code, lists and tables."""

MAX_INDENTED = 400_000
"""The limit of indented JSON in characters: deep nesting turns a short text into hundreds of megabytes of spaces."""


def render(kind: str, text: str, language: str = "") -> str:
    """Return safe HTML for an output of this kind, whole or partial.

    A text that takes too long is rendered without coloured code, and if it still does, shown as it is.
    """
    seconds = BASE_SECONDS + SECONDS_PER_CHARACTER * len(text)
    for colour in (highlighted, plain_code):
        try:
            with cpu_budget(seconds):
                return render_as(kind, text, language, colour)
        except (OverBudget, RecursionError, MemoryError):
            continue
    return render_plain(text, kind)


def render_as(kind: str, text: str, language: str, colour: Colour) -> str:
    match kind:
        case "markdown":
            return render_markdown(text, colour)
        case "code":
            return code_block(colour(text, language))
        case "json" if (whole := indented(text)) is not None:
            return code_block(colour(whole, "json"))
    return render_plain(text, kind)


def render_plain(text: str, kind: str = "text") -> str:
    if kind in ("code", "json"):
        return code_block(escape(text))
    return f'<div class="output-text" dir="auto">{escape(text)}</div>'


def plain_code(code: str, label: str) -> str:
    return escape(code)


def indented(text: str) -> str | None:
    """Indent JSON; None for a text that is none, or not yet, or would become too long."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    pieces, length = [], 0
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_INDENTED:
            return None
    return "".join(pieces)
