"""Prefix caching: finds where the keys and values of a prompt's first tokens are already in the KV cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BLOCK = 16
"""Tokens of a block; prefixes are compared block by block."""


@dataclass(eq=False, slots=True)
class Extent:
    """A row of consecutive tokens in the KV cache, and the first tokens of it that other requests may copy."""

    start: int
    size: int
    tokens: tuple[int, ...] = ()
    hashes: list[int] = field(default_factory=list)


class PrefixIndex:
    """Finds the extent that shares the longest prefix with a prompt.

    A prefix of n blocks has a hash over the hash of n - 1 blocks and the tokens of the last one, as in vLLM's
    automatic prefix caching. A hash only leads to a candidate; the tokens themselves are compared.
    """

    def __init__(self) -> None:
        self._extents: dict[int, Extent] = {}

    def add(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Note that the extent now holds these tokens, as far as they fill blocks. The latest holder is found first."""
        extent.tokens = tuple(tokens[: len(tokens) - len(tokens) % BLOCK])
        extent.hashes = list(_hashes(extent.tokens))
        for key in extent.hashes:
            self._extents[key] = extent

    def remove(self, extent: Extent) -> None:
        """Forget an extent, because its room is given to another request."""
        for key in extent.hashes:
            if self._extents.get(key) is extent:
                del self._extents[key]
        extent.tokens, extent.hashes = (), []

    def find(self, tokens: Sequence[int]) -> tuple[Extent, int] | None:
        """Return an extent and how many of the tokens, counted from the first, it holds."""
        found: Extent | None = None
        count = 0
        for key in _hashes(tokens):
            if (extent := self._extents.get(key)) is None:
                break
            found, count = extent, count + BLOCK
        if found is None or found.tokens[:count] != tuple(tokens[:count]):
            return None
        return found, count


def _hashes(tokens: Sequence[int]) -> Iterator[int]:
    key = 0
    for at in range(0, len(tokens) - len(tokens) % BLOCK, BLOCK):
        key = hash((key, *tokens[at : at + BLOCK]))
        yield key
