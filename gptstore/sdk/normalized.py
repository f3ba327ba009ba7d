"""Texts compared under Unicode's normal form NFC, with the user's own characters given back."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from unicodedata import is_normalized, normalize

from gptstore.sdk.graphemes import graphemes


@dataclass(frozen=True)
class Normalized:
    """A text in the normal form NFC (UAX #15), which knows where each of its characters stands in the original.

    "é" may be one character or two, and the two look the same: search in `text`, show what `original_of` returns.
    """

    original: str
    text: str = field(init=False)
    _starts: array[int] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text, starts = (self.original, None) if is_normalized("NFC", self.original) else _compose(self.original)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "_starts", starts)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original, never a part of a grapheme cluster."""
        if self._starts is None:
            return start, end
        first, last = self._starts[start], self._starts[end]
        while end < len(self.text) and start < end and last == self._starts[end - 1]:
            end += 1
            last = self._starts[end]
        return first, last

    def original_of(self, start: int, end: int) -> str:
        """Return what the user wrote for `text[start:end]`."""
        first, last = self.original_span(start, end)
        return self.original[first:last]


def nfc(text: str) -> str:
    """Return the text in the normal form NFC, in which texts that look the same are the same, as UAX #15 defines it."""
    return normalize("NFC", text)


def _compose(original: str) -> tuple[str, array[int]]:
    """Compose each grapheme cluster by itself: no character composes with one of another cluster."""
    pieces: list[str] = []
    starts = array("L")
    position = 0
    for cluster in graphemes(original):
        composed = normalize("NFC", cluster)
        if composed == cluster:
            starts.extend(range(position, position + len(cluster)))
        else:
            starts.extend([position] * len(composed))
        pieces.append(composed)
        position += len(cluster)
    starts.append(position)
    return "".join(pieces), starts
