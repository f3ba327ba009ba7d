"""The threads of a step on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from worker.engine.compute.devices import choose_threads

_FEW_ROWS = 96


class Crew:
    """Threads that work on a step together, or one of them alone between its large parts.

    To wake a thread takes longer than one needs for the small work of a few rows, such as a norm or a sum: 64 rows of
    768 took two threads 56 µs and one 28.

    given: how many; None: what suits each step of a model with so many parameters.
    shares: whether the model's large parts call all threads by themselves, as packed layers do.
    most: for attention, which knows when they are worth it, also where all else of a small model is done by one.
    """

    def __init__(self, given: int | None, parameters: int) -> None:
        self.given = given
        self.parameters = parameters
        self.shares = False
        self.most = choose_threads(given, parameters, rows=_FEW_ROWS)
        self.count = 1
        self._between = 1

    @contextmanager
    def work(self, rows: int) -> Iterator[None]:
        """A step that reads so many tokens. After it, all threads are there for what is made of its results."""
        self.count = choose_threads(self.given, self.parameters, rows)
        self._between = 1 if self.shares and rows <= _FEW_ROWS else self.count
        torch.set_num_threads(self._between)
        try:
            yield
        finally:
            torch.set_num_threads(self.count)

    def gather(self) -> None:
        """All threads, for a large part; `part` ends it."""
        torch.set_num_threads(self.count)

    def part(self) -> None:
        torch.set_num_threads(self._between)
