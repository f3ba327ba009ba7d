"""The bytes of single tokens, as they are in the middle of a text."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_BROKEN = "\ufffd"


class TokenBytes:
    """Returns the bytes of a token: its part of a text, or the name of one that is never shown, such as `</s>`.

    table: the bytes of a byte-level vocabulary; None: it has none. hidden: the tokens that are never shown.
    decode: from tokens to text. A token is decoded after another one, since a space is lost at the beginning of
    a text in vocabularies whose words begin with one.
    """

    def __init__(
        self,
        tokenizer: Any,
        table: Mapping[int, bytes] | None,
        hidden: frozenset[int],
        decode: Callable[[Sequence[int]], str],
    ) -> None:
        self._tokenizer = tokenizer
        self._table = table
        self._hidden = hidden
        self._decode = decode
        self._known: dict[int, bytes] = {}
        self._first: int | None = None

    def __call__(self, token: int) -> bytes:
        if (found := self._known.get(token)) is None:
            self._known[token] = found = self._find(token)
        return found

    def _find(self, token: int) -> bytes:
        name = str(self._tokenizer.convert_ids_to_tokens(token) or "")
        if token in self._hidden:
            return name.encode()
        if self._table is not None:
            return self._table[token]
        if byte := _BYTE.fullmatch(name):
            return bytes([int(byte[1], 16)])
        first = self._find_first()
        return self._decode([*first, token])[len(self._decode(first)) :].encode()

    def _find_first(self) -> list[int]:
        """Return a token to decode others after: one whose text is a letter."""
        if self._first is None:
            self._first = next(
                (token for token in range(len(self._tokenizer)) if self._decode([token]).strip().isalpha()), -1
            )
        return [] if self._first < 0 else [self._first]
