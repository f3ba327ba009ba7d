"""Splits a piece of an answer into texts and tokens that fit into messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from gptstore.sdk.answer import logprobs_of
from gptstore.sdk.logprobs import StoredLogprob, to_stored

MAX_TEXT = 250_000
"""Characters of a message at most; each takes up to 12 bytes as JSON."""

MAX_TOKENS = 500
"""Tokens of a message at most; with all the others in its place, one may take a few thousand bytes."""


def split_piece(piece: str) -> Iterator[tuple[str, list[StoredLogprob] | None]]:
    """Yield the texts of messages, with the log-probabilities of their tokens; None where there are none."""
    if not (logprobs := logprobs_of(piece)) and len(piece) <= MAX_TEXT:
        yield str(piece), None
        return
    texts = (piece[start : start + MAX_TEXT] for start in range(0, len(piece), MAX_TEXT))
    stored = to_stored(logprobs)
    tokens = (stored[start : start + MAX_TOKENS] for start in range(0, len(stored), MAX_TOKENS))
    for text, some in zip_longest(texts, tokens):
        yield str(text or ""), some
