"""The threads of a step on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from worker.engine.compute.devices import choose_threads

_FEW_ROWS = 96


class CpuThreads:
    """Sets how many threads torch uses: all for the large parts of a step, and between these perhaps one.

    Waking a thread takes longer than one needs for the small work of a few rows, such as a norm or a sum: 64 rows of
    768 took two threads 56 µs and one 28.

    given: their number; None: the number that suits each step of a model with `parameters` parameters.
    packed: whether the model's linear layers call `use_all` and `use_few` themselves, as packed layers do.
    most: the threads of attention, which knows by itself when they pay, also in a small model that else uses one.
    """

    def __init__(self, given: int | None, parameters: int) -> None:
        self.given = given
        self.parameters = parameters
        self.packed = False
        self.most = choose_threads(given, parameters, rows=_FEW_ROWS)
        self.count = 1
        self._between = 1

    @contextmanager
    def step(self, rows: int) -> Iterator[None]:
        """Run a step that reads `rows` tokens. After it, all threads are there for sampling."""
        self.count = choose_threads(self.given, self.parameters, rows)
        self._between = 1 if self.packed and rows <= _FEW_ROWS else self.count
        torch.set_num_threads(self._between)
        try:
            yield
        finally:
            torch.set_num_threads(self.count)

    def use_all(self) -> None:
        """Use all threads for a large part; `use_few` ends it."""
        torch.set_num_threads(self.count)

    def use_few(self) -> None:
        torch.set_num_threads(self._between)
