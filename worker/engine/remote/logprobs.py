"""Reads the log-probabilities of an answer's tokens, in both of the forms that OpenAI's API has."""

from collections.abc import Mapping
from itertools import zip_longest
from math import isnan
from typing import Any

from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.openai_tokens import read_token

MIN_LOGPROB = -9999.0
"""OpenAI's value for what has hardly a chance; JSON has no number for none."""


def read_logprobs(logprobs: Any) -> tuple[TokenLogprob, ...]:
    """Return the tokens of a choice, of chat (`content`) or a plain completion (`tokens`).

    Raises ValueError, TypeError, LookupError or AttributeError for what is none of them.
    """
    if not logprobs:
        return ()
    if logprobs.get("content") is not None:
        return tuple(_read_entry(entry) for entry in logprobs["content"])
    values, tops = logprobs.get("token_logprobs") or (), logprobs.get("top_logprobs") or ()
    tokens = logprobs.get("tokens") or ()
    return tuple(
        TokenLogprob(read_token(token or ""), _number(value), _read_top(top or {}))
        for value, token, top in zip_longest(values, tokens, tops)
        if value is not None
    )


def _read_entry(entry: Mapping[str, Any]) -> TokenLogprob:
    token = bytes([*entry["bytes"]]) if entry.get("bytes") else str(entry.get("token") or "").encode(errors="replace")
    top = tuple(_read_entry(other) for other in entry.get("top_logprobs") or ())
    return TokenLogprob(token, _number(entry["logprob"]), top)


def _read_top(top: Mapping[str, Any]) -> tuple[TokenLogprob, ...]:
    """Return the likeliest tokens. A server adds the one that was chosen, also where it is none of them."""
    found = (TokenLogprob(read_token(token), _number(value)) for token, value in top.items())
    return tuple(sorted(found, key=lambda one: -one.logprob))


def _number(value: Any) -> float:
    number = float(value)
    if isnan(number):
        raise ValueError("a log-probability is not a number")
    return max(number, MIN_LOGPROB)
