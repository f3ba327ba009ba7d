"""Streams of text pieces."""

from collections.abc import Generator, Iterable


def strip_pieces(pieces: Iterable[str]) -> Generator[str, None, str]:
    """Pass `pieces` on as they come, without white space at both ends of the whole text.

    Returns the text that was passed on: `text = yield from strip_pieces(…)`.
    """
    text = held = ""
    for piece in pieces:
        held = held + piece if text else (held + piece).lstrip()
        ready = held.rstrip()
        if ready:
            text, held = text + ready, held[len(ready) :]
            yield ready
    return text
