"""Who has which place in the KV cache. Counts tokens and knows no tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.engine.loop.allocator import Extents, round_up
from worker.engine.loop.prefix import Extent, PrefixIndex

_MAX_OF = 0.75
"""What is kept of a finished request is taken over, not copied, by one that begins with so much of it."""


@dataclass(frozen=True, slots=True)
class Move:
    """Copy the first `count` tokens of one extent to another. Moves are done in order, before the model runs."""

    source: int
    target: int
    count: int
    source_size: int
    target_size: int


@dataclass(frozen=True, slots=True)
class Place:
    """An extent whose first `filled` tokens are there, or will be after the move."""

    extent: Extent
    filled: int = 0
    move: Move | None = None


class KVCache:
    """The places of running requests, and what is kept of finished ones until the room is needed.

    tokens: how many tokens there is room for.
    longest: the longest sequence, in tokens; no extent is larger.
    """

    def __init__(self, tokens: int, longest: int) -> None:
        self.tokens = tokens
        self._longest = longest
        self._extents = Extents(tokens)
        self._index = PrefixIndex()
        self._kept: dict[Extent, None] = {}  # of finished requests, least recently used first

    @property
    def used(self) -> int:
        """Tokens that running requests hold."""
        return self._extents.used - sum(extent.size for extent in list(self._kept))  # a copy: asked from any thread

    def place(self, tokens: Sequence[int], room: int, reusable: int) -> Place | None:
        """Find a place for `room` tokens, of which the first `reusable` may be there; None when there is none."""
        alike, count = self._index.find(tokens[:reusable]) or (None, 0)
        if alike in self._kept:
            if alike.size == round_up(room, self._longest) and count >= _MAX_OF * len(alike.tokens):
                del self._kept[alike]
                self.share(alike, tokens[:count])
                return Place(alike, count)
            self._kept[alike] = self._kept.pop(alike)
        extent = self._take(room)
        if extent is None:
            return None
        if alike and alike.tokens:  # and it did not have to give way
            return Place(extent, count, _move(alike, extent, count))
        return Place(extent)

    def grow(self, extent: Extent, room: int, filled: int) -> Place | None:
        """Move what an extent holds to one with more room; None when there is none."""
        larger = self._take(room)
        if larger is None:
            return None
        tokens = extent.tokens
        self.drop(extent)
        if tokens:
            self._index.add(larger, tokens)
        return Place(larger, filled, _move(extent, larger, filled))

    def share(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Let others copy these tokens, whose keys and values the extent holds."""
        self._index.remove(extent)
        self._index.add(extent, tokens)

    def keep(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Take back the place of a request that ended; what it holds stays until the room is needed."""
        self.share(extent, tokens)
        if extent.tokens:
            self._kept[extent] = None
        else:
            self.drop(extent)

    def drop(self, extent: Extent) -> None:
        """Take back a place and forget what it holds."""
        self._index.remove(extent)
        self._kept.pop(extent, None)
        self._extents.free(extent.start)

    def clear(self) -> None:
        """Forget everything of finished requests."""
        for extent in list(self._kept):
            self.drop(extent)

    def _take(self, room: int) -> Extent | None:
        size = round_up(room, self._longest)
        start = self._extents.take(size)
        if start is None and self.used + size > self.tokens:
            return None  # what is kept would give way for nothing
        while start is None:
            if not self._kept:
                return None
            self.drop(next(iter(self._kept)))
            start = self._extents.take(size)
        return Extent(start, size)


def _move(source: Extent, target: Extent, count: int) -> Move:
    return Move(source.start, target.start, count, source.size, target.size)
