"""A bounded number of exchanges at a time; those that wait take turns by group."""

from asyncio import Future, get_running_loop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from worker.engine.loop.fair_queue import Line


@dataclass(eq=False, slots=True)
class _Waiting:
    group: str
    weight: float
    turn: "Future[None]"


class Places:
    """So many may be in at a time. Used on one event loop."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._line: Line[_Waiting] = Line()

    @asynccontextmanager
    async def one(self, group: str, weight: float) -> AsyncIterator[None]:
        """Wait for a place and keep it."""
        await self._enter(_Waiting(group, weight, get_running_loop().create_future()))
        try:
            yield
        finally:
            self._free += 1
            self._call_next()

    async def _enter(self, one: _Waiting) -> None:
        self._line.join(one)
        self._call_next()
        try:
            await one.turn
        except BaseException:
            if one.turn.done() and not one.turn.cancelled():  # was called and gave up in the same moment
                self._free += 1
                self._call_next()
            with suppress(ValueError):
                self._line.remove(one)
            raise

    def _call_next(self) -> None:
        while self._free and len(self._line):
            one = self._line.serve()
            if not one.turn.done():  # canceled, and about to leave
                self._free -= 1
                one.turn.set_result(None)
