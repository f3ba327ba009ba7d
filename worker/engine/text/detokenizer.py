"""Detokenizers: from tokens to text, one token at a time, in whole characters and with the spaces of the whole text."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

_BROKEN = "\ufffd"
_CONTEXT_TOKENS = 6
_HOLD_TOKENS = 8


class Detokenizer(Protocol):
    """Turns the tokens of one request into text."""

    def feed(self, token: int) -> str:
        """Return the text that this token completes; "" while a character is incomplete."""

    def finish(self) -> str:
        """Return the rest of the text. An incomplete last character is dropped."""


class ByteDetokenizer:
    """Detokenizes byte-level vocabularies, where each token is a few bytes of UTF-8. Exact, and O(1) a token."""

    def __init__(self, token_bytes: Mapping[int, bytes]) -> None:
        self._token_bytes = token_bytes
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def feed(self, token: int) -> str:
        return self._decoder.decode(self._token_bytes[token])

    def finish(self) -> str:
        return ""


class WindowDetokenizer:
    """Detokenizes every other vocabulary: decodes the last few tokens again and returns what the new one added.

    decode: the tokenizer's own function, without special tokens.
    context: the tokens before the first one, which decide whether its text begins with a space.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], context: Sequence[int] = ()) -> None:
        self._decode = decode
        self._window = list(context[-_CONTEXT_TOKENS:])
        self._mark_shown()

    def feed(self, token: int) -> str:
        self._window.append(token)
        whole = self._decode(self._window)
        text = whole[len(self._shown) :]
        held = len(self._window) - self._answer_tokens
        if held < _HOLD_TOKENS and (not text or text.endswith(_BROKEN)):
            return ""
        del self._window[: self._answer_tokens]
        self._mark_shown()
        return text

    def finish(self) -> str:
        return self._decode(self._window)[len(self._shown) :].rstrip(_BROKEN)

    def _mark_shown(self) -> None:
        self._shown = self._decode(self._window)
        self._answer_tokens = len(self._window)


class ByteTable(dict[int, bytes]):
    """The bytes of each token of a byte-level vocabulary, filled as tokens come.

    Such vocabularies write each byte as one printable character (GPT-2's table: printable Latin-1 stands for
    itself, the other 68 bytes for U+0100 and up). A token with any other character stands for its own UTF-8.
    """

    def __init__(self, spell: Callable[[int], str | None], hidden: frozenset[int]) -> None:
        super().__init__()
        self._spell = spell
        self._hidden = hidden

    def __missing__(self, token: int) -> bytes:
        spelling = None if token in self._hidden else self._spell(token)
        self[token] = found = b"" if spelling is None else _to_bytes(spelling)
        return found


def _byte_alphabet() -> dict[str, int]:
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + rank): byte for rank, byte in enumerate(others)}


_ALPHABET = _byte_alphabet()


def _to_bytes(spelling: str) -> bytes:
    try:
        return bytes([_ALPHABET[character] for character in spelling])
    except KeyError:
        return spelling.encode()
