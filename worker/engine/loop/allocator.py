"""Stretches of the KV cache: so many tokens in a row for one request."""

from bisect import bisect_left, insort

SMALLEST = 64


class Extents:
    """Hands out rows of tokens from `size` of them, always the first free ones that are enough.

    Sizes come in few steps (see `round_up`), so that stretches of the same size lie side by side: attention then reads
    many requests through one strided view, without copying.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0
        self._free = [(0, size)]  # (start, size), by start; neighbours are merged
        self._taken: dict[int, int] = {}

    def take(self, size: int) -> int | None:
        """Return the start of `size` free tokens; None when there is no such stretch."""
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
        """Give a stretch back. Raises KeyError when it was not taken."""
        size = self._taken.pop(start)
        self.used -= size
        at = bisect_left(self._free, (start, 0))
        if at < len(self._free) and self._free[at][0] == start + size:
            size += self._free.pop(at)[1]
        if at and sum(self._free[at - 1]) == start:
            start, before = self._free.pop(at - 1)
            size += before
        insort(self._free, (start, size))


def round_up(tokens: int, most: int) -> int:
    """The size of a stretch for so many tokens: 64, 128, 192, 256, 384, 512, 768, 1024, …; at most `most`."""
    size = SMALLEST
    while size < tokens:
        if size > SMALLEST and size + size // 2 >= tokens and (size // 2) % SMALLEST == 0:
            size += size // 2
        else:
            size *= 2
    return min(size, most)
