"""CUDA graphs of decode steps: recorded once for each size, then replayed without Python or launches in between."""

import logging
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import Batch

logger = logging.getLogger(__name__)

Forward = Callable[[Batch], Tensor]
Record = Callable[[Callable[[], Tensor]], Callable[[], Tensor]]
"""Records a function; returns one that does the same again, on the same memory, with a result of its own."""

SIZES = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128)


@dataclass(frozen=True, slots=True)
class Recording:
    """A step of fixed size: the memory that it reads, and the function that runs it."""

    batch: Batch
    replay: Callable[[], Tensor]


class CudaGraphs:
    """Recordings of decode steps by (requests, padded length).

    A step that reads prompts, or is larger than any size, is not recorded.
    """

    def __init__(self, forward: Forward, arena: Arena, record: Record) -> None:
        self._forward = forward
        self._arena = arena
        self._record = record
        self._recordings: dict[tuple[int, int], Recording] = {}
        self._can_record = True

    def run(self, batch: Batch) -> Tensor | None:
        """Return the step's logits, shape (requests, vocabulary); None when it has to be run the usual way."""
        count = batch.tokens.shape[1]
        is_decode = batch.padded and not batch.segments and len(batch.wanted) == count
        if not self._can_record or not is_decode or count > SIZES[-1]:
            return None
        size = SIZES[bisect_left(SIZES, count)]
        try:
            recording = self._recordings.get((size, batch.padded)) or self._make(size, batch.padded)
        except torch.OutOfMemoryError:
            return None
        except RuntimeError:
            logger.warning("decode steps of this model can't be recorded", exc_info=True)
            self._can_record = False
            return None
        fill(recording.batch, batch, self._arena.tokens)
        return recording.replay()[:count].clone()

    def _make(self, size: int, padded: int) -> Recording:
        static = blank(size, padded, self._arena)
        recording = Recording(static, self._record(lambda: self._forward(static.uncached())))
        self._recordings[size, padded] = recording
        return recording


def blank(size: int, padded: int, arena: Arena) -> Batch:
    """Return a batch whose rows belong to no request: each reads and writes the arena's spare token."""
    numbers = torch.zeros(4, size, dtype=torch.long, device=arena.device)
    numbers[2], numbers[3] = arena.tokens, 1
    wanted = torch.arange(size, device=arena.device)
    return Batch(numbers[0:1], numbers[1:2], numbers[2:], wanted, [], [], padded)


def fill(static: Batch, batch: Batch, spare: int) -> None:
    """Copy a step into a recorded one that may have more rows."""
    count = batch.tokens.shape[1]
    for target, source in (
        (static.tokens, batch.tokens),
        (static.positions, batch.positions),
        (static.extents, batch.extents),
    ):
        target[:, :count] = source
    static.positions[:, count:] = 0
    static.extents[0, count:], static.extents[1, count:] = spare, 1


def record_on_cuda() -> Record:
    """Record on a CUDA device. All recordings share one pool of memory, since only one runs at a time."""
    pool = torch.cuda.graph_pool_handle()
    return lambda work: _record(work, pool)


def _record(work: Callable[[], Tensor], pool: Any) -> Callable[[], Tensor]:
    """Record `work` as a CUDA graph, after two runs for torch's lazy initialisation."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        work()
        work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, pool=pool):
        result = work()

    def replay() -> Tensor:
        graph.replay()
        return result

    return replay
