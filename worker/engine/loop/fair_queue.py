"""Who is next: groups take turns, however many requests each has."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """What waits in a line."""

    group: str
    weight: float


W = TypeVar("W", bound=Waiting)


class Line(Generic[W]):
    """First come, first served within a group; between groups by weight.

    Each group has a clock that a served request puts forward by 1 / weight, and the group that is furthest behind is
    next (stride scheduling, Waldspurger and Weihl 1995). A group that was away begins at the present time, so that it
    can neither save up turns nor be made to pay for them. When nobody waits any more, all clocks are forgotten.
    """

    def __init__(self) -> None:
        self._groups: dict[str, deque[W]] = {}
        self._clocks: dict[str, float] = {}
        self._now = 0.0
        self._returned: deque[W] = deque()

    def __len__(self) -> int:
        return len(self._returned) + sum(map(len, self._groups.values()))

    def join(self, one: W) -> None:
        if one.group not in self._groups:
            self._groups[one.group] = deque()
            self._clocks[one.group] = max(self._clocks.get(one.group, 0.0), self._now)
        self._groups[one.group].append(one)

    def put_back(self, one: W) -> None:
        """Let one that was served already be served again before all others."""
        self._returned.appendleft(one)

    def first(self) -> W | None:
        """The one that is next; it stays in the line."""
        if self._returned:
            return self._returned[0]
        group = min(self._groups, key=self._clocks.__getitem__, default=None)
        return None if group is None else self._groups[group][0]

    def serve(self) -> W:
        """Take the one that is next out of the line. Raises IndexError when there is none."""
        one = self.first()
        if one is None:
            raise IndexError("nobody waits")
        if self._returned:
            return self._returned.popleft()
        self._now = self._clocks[one.group]
        self._clocks[one.group] += 1 / one.weight
        self._leave(one)
        return one

    def remove(self, one: W) -> None:
        """Take one out of the line, wherever it stands. Raises ValueError when it is not there."""
        if one in self._returned:
            self._returned.remove(one)
        else:
            self._leave(one)

    def _leave(self, one: W) -> None:
        if one.group not in self._groups:
            raise ValueError("not in the line")
        self._groups[one.group].remove(one)
        if not self._groups[one.group]:
            del self._groups[one.group]
            self._clocks = {
                group: clock
                for group, clock in self._clocks.items()
                if group in self._groups or (self._groups and clock > self._now)
            }
