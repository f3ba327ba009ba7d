"""Log-probabilities of an answer's tokens, and of those that might have come instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token, and the natural logarithm of its probability: 0 is certain, -0.69 one half.

    token: its bytes. One token may be a part of a character only. logprob: by the model alone, whatever temperature,
    `top_p`, penalties or the form of the answer made of it. top: the likeliest tokens in its place, likeliest first, as
    many as were asked for; it is itself among them where it is one of them.
    """

    token: bytes
    logprob: float
    top: tuple[TokenLogprob, ...] = ()

    @property
    def text(self) -> str:
        """Return the token as text, with U+FFFD for what is a part of a character."""
        return self.token.decode(errors="replace")


Spelling = str | list[int]
StoredLogprob = tuple[Spelling, float, list[tuple[Spelling, float]]]
"""The form in messages, events and rows: the text, or the bytes of what is none; the logprob; the same of `top`."""


def to_stored(logprobs: Iterable[TokenLogprob]) -> list[StoredLogprob]:
    """Return tokens in the form in which they are sent and stored."""
    return [(_spell(one.token), one.logprob, [(_spell(it.token), it.logprob) for it in one.top]) for one in logprobs]


def from_stored(stored: Iterable[StoredLogprob]) -> tuple[TokenLogprob, ...]:
    """Return tokens that were sent or stored."""
    return tuple(
        TokenLogprob(_read(spelling), logprob, tuple(TokenLogprob(_read(it), its) for it, its in top))
        for spelling, logprob, top in stored
    )


def _spell(token: bytes) -> Spelling:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return [*token]


def _read(spelling: Spelling) -> bytes:
    return spelling.encode(errors="replace") if isinstance(spelling, str) else bytes(spelling)
