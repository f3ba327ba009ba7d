"""A fair queue: groups, such as users, take turns, however many requests each has."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Queued(Protocol):
    """An item of a fair queue."""

    group: str
    weight: float


Q = TypeVar("Q", bound=Queued)


class FairQueue(Generic[Q]):
    """First in, first out within a group; fair scheduling by weight between groups.

    Each group has a clock that a popped item puts forward by 1 / weight, and the group that is furthest behind is
    next (stride scheduling, Waldspurger and Weihl 1995). A group that was away begins at the present time, so that it
    can neither save up turns nor be made to pay for them. When the queue is empty, all clocks are forgotten.
    """

    def __init__(self) -> None:
        self._groups: dict[str, deque[Q]] = {}
        self._clocks: dict[str, float] = {}
        self._now = 0.0
        self._returned: deque[Q] = deque()

    def __len__(self) -> int:
        return len(self._returned) + sum(map(len, self._groups.values()))

    def push(self, item: Q) -> None:
        """Put an item at the end of its group."""
        if item.group not in self._groups:
            self._groups[item.group] = deque()
            self._clocks[item.group] = max(self._clocks.get(item.group, 0.0), self._now)
        self._groups[item.group].append(item)

    def push_front(self, item: Q) -> None:
        """Put an item that was popped back before all others."""
        self._returned.appendleft(item)

    def peek(self) -> Q | None:
        """Return the next item, which stays in the queue; None when the queue is empty."""
        if self._returned:
            return self._returned[0]
        group = min(self._groups, key=self._clocks.__getitem__, default=None)
        return None if group is None else self._groups[group][0]

    def pop(self) -> Q:
        """Take the next item out of the queue. Raises IndexError when the queue is empty."""
        item = self.peek()
        if item is None:
            raise IndexError("the queue is empty")
        if self._returned:
            return self._returned.popleft()
        self._now = self._clocks[item.group]
        self._clocks[item.group] += 1 / item.weight
        self._drop(item)
        return item

    def remove(self, item: Q) -> None:
        """Take an item out, wherever it stands. Raises ValueError when it is not in the queue."""
        if item in self._returned:
            self._returned.remove(item)
        else:
            self._drop(item)

    def _drop(self, item: Q) -> None:
        if item.group not in self._groups:
            raise ValueError("not in the queue")
        self._groups[item.group].remove(item)
        if not self._groups[item.group]:
            del self._groups[item.group]
            self._clocks = {
                group: clock
                for group, clock in self._clocks.items()
                if group in self._groups or (self._groups and clock > self._now)
            }
