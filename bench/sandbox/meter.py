"""Measures tokens a second while all of a round's answers are being made: neither their beginning nor their end."""

from threading import Event, Thread
from time import perf_counter
from types import TracebackType
from typing import Self

from worker.engine.protocol import Engine

LOOK_SECONDS = 0.05


class Meter(Thread):
    """Reads the engine's own count while its block is run."""

    def __init__(self, engine: Engine, streams: int) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.streams = streams
        self.over = Event()
        self.looks: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            stats = self.engine.stats()
            if stats.running == self.streams:
                self.looks.append((perf_counter(), stats.completion_tokens))

    def rate(self) -> float | None:
        """Return the rate; None when there was no such time, or a moment only."""
        if len(self.looks) < 2:
            return None
        (first, before), (last, after) = self.looks[0], self.looks[-1]
        return (after - before) / (last - first)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.join()
