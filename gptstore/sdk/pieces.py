"""Streams of pieces of text, such as `ctx.model.stream` gives."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from unicodedata import category

from gptstore.sdk.answer import logprobs_of, with_logprobs
from gptstore.sdk.answer_tokens import AnswerTokens


def strip_pieces(pieces: Iterable[str]) -> Generator[str, None, str]:
    """Pass pieces on as they come, without the white space at both ends of the whole text.

    Returns the text that was passed on: `summary = yield from strip_pieces(ctx.model.stream(prompt))`. The answer of a
    base model begins with the space or the line break that follows the prompt.
    """
    text = held = ""
    tokens = AnswerTokens()
    for piece in pieces:
        held = held + piece if text else (held + piece).lstrip()
        tokens.add(piece, held, logprobs_of(piece))
        ready = held.rstrip()
        if ready:
            text, held = text + ready, held[len(ready) :]
            yield with_logprobs(ready, tokens.send(ready))
    return text


def drop_empty(pieces: Iterable[str]) -> Iterator[str]:
    """Pass pieces on as they come; none of them when there is nothing but white space and punctuation in them."""
    held = ""
    has_begun = False
    for piece in pieces:
        held = piece if has_begun else held + piece
        has_begun = has_begun or any(sign.isalnum() or category(sign) == "So" for sign in held)
        if has_begun:
            yield held
