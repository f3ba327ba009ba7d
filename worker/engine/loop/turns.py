"""Turns: bounds how many threads do some costly work at a time; those that wait take turns by group."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from worker.engine.loop.fair_queue import FairQueue


@dataclass(eq=False, slots=True)
class _Waiter:
    group: str
    weight: float
    turn: Event = field(default_factory=Event)


class Turns:
    """Lets at most `number` threads work at a time, of which at most `each` are of one group, such as a user."""

    def __init__(self, number: int, *, each: int | None = None) -> None:
        self._each = each or number
        self._lock = Lock()  # guards what follows
        self._free = number
        self._queue: FairQueue[_Waiter] = FairQueue()
        self._present: Counter[str] = Counter()  # of each group: how many work, or wait in the queue
        self._behind: defaultdict[str, deque[_Waiter]] = defaultdict(deque)  # those that wait for their own group

    @contextmanager
    def take(self, group: str, cost: float = 1.0) -> Iterator[None]:
        """Wait for a turn and hold it within the context. Groups share turns in proportion to their cost."""
        waiter = _Waiter(group, 1 / max(cost, 1e-9))
        with self._lock:
            if self._present[group] < self._each:
                self._enter(waiter)
            else:
                self._behind[group].append(waiter)
        waiter.turn.wait()
        try:
            yield
        finally:
            with self._lock:
                self._leave(group)

    def _enter(self, waiter: _Waiter) -> None:
        self._present[waiter.group] += 1
        self._queue.push(waiter)
        self._wake()

    def _leave(self, group: str) -> None:
        self._free += 1
        self._present[group] -= 1
        if behind := self._behind.get(group):
            self._enter(behind.popleft())
        else:
            self._behind.pop(group, None)
            self._present += Counter()  # forgets groups that are gone
        self._wake()

    def _wake(self) -> None:
        while self._free and len(self._queue):
            self._free -= 1
            self._queue.pop().turn.set()
