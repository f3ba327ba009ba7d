"""Which prompts begin alike: where the keys and values of a sequence of tokens can be found in the cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

BLOCK = 16
"""Beginnings are compared in blocks of so many tokens."""


@dataclass(eq=False, slots=True)
class Extent:
    """A stretch of the cache, and the tokens at its beginning that others may copy."""

    start: int
    size: int
    tokens: tuple[int, ...] = ()
    names: list[int] = field(default_factory=list)


class PrefixIndex:
    """Finds the extent that shares the longest beginning with a prompt.

    A beginning of n blocks is named by a hash over the name of n - 1 blocks and the tokens of the last one, as in
    vLLM's automatic prefix caching. A name only leads to a candidate; the tokens themselves are compared.
    """

    def __init__(self) -> None:
        self._extents: dict[int, Extent] = {}

    def add(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Note that the extent now holds these tokens, as far as they fill blocks. The latest holder is found first."""
        extent.tokens = tuple(tokens[: len(tokens) - len(tokens) % BLOCK])
        extent.names = list(_names(extent.tokens))
        for name in extent.names:
            self._extents[name] = extent

    def remove(self, extent: Extent) -> None:
        """Forget an extent, because its place is given to another."""
        for name in extent.names:
            if self._extents.get(name) is extent:
                del self._extents[name]
        extent.tokens, extent.names = (), []

    def find(self, tokens: Sequence[int]) -> tuple[Extent, int] | None:
        """Return an extent and how many of the tokens, counted from the first, it holds."""
        found: Extent | None = None
        count = 0
        for name in _names(tokens):
            if (extent := self._extents.get(name)) is None:
                break
            found, count = extent, count + BLOCK
        if found is None or found.tokens[:count] != tuple(tokens[:count]):
            return None
        return found, count


def _names(tokens: Sequence[int]) -> Iterator[int]:
    name = 0
    for at in range(0, len(tokens) - len(tokens) % BLOCK, BLOCK):
        name = hash((name, *tokens[at : at + BLOCK]))
        yield name
