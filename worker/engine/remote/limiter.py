"""A limiter: bounds the requests that are at the server at a time; waiting ones take turns by group."""

from asyncio import Future, get_running_loop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from worker.engine.loop.fair_queue import FairQueue


@dataclass(eq=False, slots=True)
class _Waiter:
    group: str
    weight: float
    turn: "Future[None]"


class Limiter:
    """Lets at most `number` requests run at a time, with fair scheduling. Used on one event loop."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._queue: FairQueue[_Waiter] = FairQueue()

    @asynccontextmanager
    async def slot(self, group: str, weight: float) -> AsyncIterator[None]:
        """Wait for a slot and hold it within the context."""
        await self._acquire(_Waiter(group, weight, get_running_loop().create_future()))
        try:
            yield
        finally:
            self._free += 1
            self._wake_next()

    async def _acquire(self, waiter: _Waiter) -> None:
        self._queue.push(waiter)
        self._wake_next()
        try:
            await waiter.turn
        except BaseException:
            if waiter.turn.done() and not waiter.turn.cancelled():  # got its slot and was canceled in the same moment
                self._free += 1
                self._wake_next()
            with suppress(ValueError):
                self._queue.remove(waiter)
            raise

    def _wake_next(self) -> None:
        while self._free and len(self._queue):
            waiter = self._queue.pop()
            if not waiter.turn.done():  # canceled, and about to leave
                self._free -= 1
                waiter.turn.set_result(None)
