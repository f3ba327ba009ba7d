"""Tokens as texts in OpenAI's plain completions, where a part of a character is written as its bytes."""

from __future__ import annotations

import re

_PREFIX = "bytes:"
_BYTES = re.compile(r"bytes:((?:\\x[0-9a-f]{2})+)")


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
