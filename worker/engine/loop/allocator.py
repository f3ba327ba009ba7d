"""The allocator of the KV cache: extents, each a row of consecutive tokens for one request."""

from bisect import bisect_left, insort

MIN_EXTENT = 64
"""Tokens of the smallest extent."""


class Allocator:
    """Allocates extents of `size` tokens: first fit, freed neighbours are merged.

    Sizes come in few steps (see `round_up`), so that extents of the same size lie side by side: attention then reads
    many requests through one strided view, without copying.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0
        self._free = [(0, size)]  # (start, size), by start; neighbours are merged
        self._taken: dict[int, int] = {}

    def take(self, size: int) -> int | None:
        """Return the start of `size` free tokens; None when no gap is large enough."""
        for at, (start, room) in enumerate(self._free):
            if room >= size:
                if room == size:
                    del self._free[at]
                else:
                    self._free[at] = (start + size, room - size)
                self._taken[start] = size
                self.used += size
                return start
        return None

    def free(self, start: int) -> None:
        """Free the extent that begins at `start`. Raises KeyError when it is not allocated."""
        size = self._taken.pop(start)
        self.used -= size
        at = bisect_left(self._free, (start, 0))
        if at < len(self._free) and self._free[at][0] == start + size:
            size += self._free.pop(at)[1]
        if at and sum(self._free[at - 1]) == start:
            start, before = self._free.pop(at - 1)
            size += before
        insort(self._free, (start, size))


def round_up(tokens: int, largest: int) -> int:
    """Return an extent's size for these tokens: 64, 128, 192, 256, 384, 512, 768, 1024, …; at most `largest`."""
    size = MIN_EXTENT
    while size < tokens:
        if size > MIN_EXTENT and size + size // 2 >= tokens and (size // 2) % MIN_EXTENT == 0:
            size += size // 2
        else:
            size *= 2
    return min(size, largest)
