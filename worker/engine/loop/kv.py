"""The bookkeeping of the KV cache: the extent of each request. Counts tokens and knows no tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.engine.loop.allocator import Allocator, round_up
from worker.engine.loop.prefix import Extent, PrefixIndex

_TAKE_OVER_SHARE = 0.75
"""The least share of a finished request's tokens that a request has to begin with to take over its extent instead of
copying it."""


@dataclass(frozen=True, slots=True)
class Move:
    """A copy of the first `count` tokens of one extent to another. Moves are done in order, before the model runs."""

    source: int
    target: int
    count: int
    source_size: int
    target_size: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """An extent whose first `filled` tokens are there, or will be after the move."""

    extent: Extent
    filled: int = 0
    move: Move | None = None


class KVCache:
    """The extents of running requests, and those of finished ones, which prefix caching keeps until room is needed.

    tokens: the number of tokens that it holds.
    max_length: the tokens of the longest sequence; no extent is larger.
    """

    def __init__(self, tokens: int, max_length: int) -> None:
        self.tokens = tokens
        self._max_length = max_length
        self._allocator = Allocator(tokens)
        self._index = PrefixIndex()
        self._kept: dict[Extent, None] = {}  # of finished requests, least recently used first

    @property
    def used(self) -> int:
        """Return the number of tokens that running requests hold."""
        return self._allocator.used - sum(extent.size for extent in list(self._kept))  # a copy: read from any thread

    def allocate(self, tokens: Sequence[int], room: int, reusable: int) -> Allocation | None:
        """Find room for `room` tokens, the first `reusable` of which may be cached; None when there is none."""
        alike, count = self._index.find(tokens[:reusable]) or (None, 0)
        if alike in self._kept:
            if alike.size == round_up(room, self._max_length) and count >= _TAKE_OVER_SHARE * len(alike.tokens):
                del self._kept[alike]
                self.share(alike, tokens[:count])
                return Allocation(alike, count)
            self._kept[alike] = self._kept.pop(alike)
        extent = self._take(room)
        if extent is None:
            return None
        if alike and alike.tokens:  # and it was not evicted
            return Allocation(extent, count, _move(alike, extent, count))
        return Allocation(extent)

    def grow(self, extent: Extent, room: int, filled: int) -> Allocation | None:
        """Move the tokens of an extent to one with more room; None when there is none."""
        larger = self._take(room)
        if larger is None:
            return None
        tokens = extent.tokens
        self.free(extent)
        if tokens:
            self._index.add(larger, tokens)
        return Allocation(larger, filled, _move(extent, larger, filled))

    def share(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Let other requests copy these tokens, whose keys and values the extent holds."""
        self._index.remove(extent)
        self._index.add(extent, tokens)

    def keep(self, extent: Extent, tokens: Sequence[int]) -> None:
        """Take back the extent of a request that ended; its tokens stay cached until the room is needed."""
        self.share(extent, tokens)
        if extent.tokens:
            self._kept[extent] = None
        else:
            self.free(extent)

    def free(self, extent: Extent) -> None:
        """Free an extent and forget its tokens."""
        self._index.remove(extent)
        self._kept.pop(extent, None)
        self._allocator.free(extent.start)

    def clear(self) -> None:
        """Free the extents of all finished requests."""
        for extent in list(self._kept):
            self.free(extent)

    def _take(self, room: int) -> Extent | None:
        """Allocate, evicting cached extents, least recently used first, where that makes enough room."""
        size = round_up(room, self._max_length)
        start = self._allocator.take(size)
        if start is None and self.used + size > self.tokens:
            return None  # evicting would gain nothing
        while start is None:
            if not self._kept:
                return None
            self.free(next(iter(self._kept)))
            start = self._allocator.take(size)
        return Extent(start, size)


def _move(source: Extent, target: Extent, count: int) -> Move:
    return Move(source.start, target.start, count, source.size, target.size)
