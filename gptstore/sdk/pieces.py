"""Streams of pieces of text, such as `ctx.model.stream` gives."""

from __future__ import annotations

from collections.abc import Generator, Iterable


def strip_pieces(pieces: Iterable[str]) -> Generator[str, None, str]:
    """Pass pieces on as they come, without the white space at both ends of the whole text.

    Returns the text that was passed on: `summary = yield from strip_pieces(ctx.model.stream(prompt))`. The answer of a
    base model begins with the space or the line break that follows the prompt.
    """
    text = held = ""
    for piece in pieces:
        held = held + piece if text else (held + piece).lstrip()
        ready = held.rstrip()
        if ready:
            text, held = text + ready, held[len(ready) :]
            yield ready
    return text
