"""The log-probabilities of tokens in both of the forms that OpenAI's API has: of chat, and of plain completions.

In plain completions a token is a text; a part of a character is written as its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from math import isnan
from typing import Any

from gptstore.sdk.logprobs import TokenLogprob
from gptstore.sdk.parameters import MAX_LOGPROBS

MIN_LOGPROB = -9999.0
"""OpenAI's value for what has hardly a chance; JSON has no number for none."""

_PREFIX = "bytes:"
_BYTES = re.compile(r"bytes:((?:\\x[0-9a-f]{2})+)")


def logprobs_fields(count: int, *, is_chat: bool) -> dict[str, Any]:
    """Return the fields of a request for them. Some servers take 0 in a plain completion for none."""
    if not is_chat:
        return {"logprobs": max(1, count)}
    return {"logprobs": True, "top_logprobs": count} if count else {"logprobs": True}


def read_logprobs(logprobs: Any, count: int = MAX_LOGPROBS) -> tuple[TokenLogprob, ...]:
    """Return the tokens of a choice, of chat (`content`) or a plain completion (`tokens`), with so many others at most.

    Raises ValueError, TypeError, LookupError or AttributeError for what is none of them.
    """
    if not logprobs:
        return ()
    if logprobs.get("content") is not None:
        return tuple(_read_entry(entry, count) for entry in logprobs["content"])
    values, tops = logprobs.get("token_logprobs") or (), logprobs.get("top_logprobs") or ()
    tokens = logprobs.get("tokens") or ()
    return tuple(
        TokenLogprob(read_token(token or ""), _number(value), _read_top(top or {}, count))
        for value, token, top in zip_longest(values, tokens, tops)
        if value is not None
    )


def _read_entry(entry: Mapping[str, Any], count: int = 0) -> TokenLogprob:
    token = bytes([*entry["bytes"]]) if entry.get("bytes") else str(entry.get("token") or "").encode(errors="replace")
    top = tuple(_read_entry(other) for other in (entry.get("top_logprobs") or ())[:count])
    return TokenLogprob(token, _number(entry["logprob"]), top)


def _read_top(top: Mapping[str, Any], count: int) -> tuple[TokenLogprob, ...]:
    """Return the likeliest tokens. A server adds the one that was chosen, also where it is none of them."""
    found = (TokenLogprob(read_token(token), _number(value)) for token, value in top.items())
    return tuple(sorted(found, key=lambda one: -one.logprob)[:count])


def _number(value: Any) -> float:
    number = float(value)
    if isnan(number):
        raise ValueError("a log-probability is not a number")
    return max(number, MIN_LOGPROB)


def write_token(token: bytes) -> str:
    """Return the token as a text; `bytes:\\xe4\\xbd` for what is none."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return _PREFIX + escape(token)


def read_token(text: str) -> bytes:
    """Return the token of a text that `write_token` or OpenAI's server wrote."""
    found = _BYTES.fullmatch(text)
    return bytes.fromhex(found[1].replace("\\x", "")) if found else text.encode(errors="replace")


def escape(token: bytes) -> str:
    """Return bytes as OpenAI's chat completions write a token that is no text: `\\xe4\\xbd`."""
    return "".join(f"\\x{byte:02x}" for byte in token)
