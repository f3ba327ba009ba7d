"""One step as tensors: which tokens the model reads, where their keys and values go, and who attends to what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from worker.engine.arena import Arena
from worker.engine.scheduler import Chunk


@dataclass(frozen=True, slots=True)
class Run:
    """Requests that read one token each, and whose places in the cache are equally far apart.

    row: the first one's row in the step; the others follow. lengths: tokens of each, the one that is read included.
    """

    row: int
    start: int
    gap: int
    lengths: tuple[int, ...]

    @property
    def longest(self) -> int:
        return max(self.lengths)


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of one prompt: `count` rows from `row`, after `past` tokens that the cache has from `start`."""

    row: int
    count: int
    start: int
    past: int


@dataclass(eq=False, slots=True)
class Batch:
    """The rows of a step: one a token that is read, first those of requests that read a single one.

    tokens, positions: shape (1, rows). slots: where in the arena each row's keys and values go, shape (rows,).
    wanted: the rows whose logits are needed. runs and segments cover all rows.
    """

    tokens: Tensor
    positions: Tensor
    slots: Tensor
    wanted: Tensor
    runs: list[Run]
    segments: list[Segment]
    masks: dict[tuple[int, int | None], Tensor | None] = field(default_factory=dict)

    @property
    def singles(self) -> int:
        """Rows of requests that read a single token."""
        return self.segments[0].row if self.segments else self.tokens.shape[1]


def arrange(chunks: Sequence[Chunk[Any]]) -> list[Chunk[Any]]:
    """Single tokens first, by their place in the cache, so that neighbours can be read together; then prompts."""
    singles = [chunk for chunk in chunks if chunk.count == 1]
    return sorted(singles, key=_place) + [chunk for chunk in chunks if chunk.count > 1]


def build(chunks: Sequence[Chunk[Any]], wanted: Sequence[int], arena: Arena) -> Batch:
    """Lay out arranged chunks; `wanted` are the rows whose logits are needed."""
    tokens: list[int] = []
    positions: list[int] = []
    slots: list[int] = []
    singles: list[tuple[int, int]] = []
    segments: list[Segment] = []
    for chunk in chunks:
        start, count, place = chunk.start, chunk.count, _place(chunk)
        if count == 1:
            singles.append((place, start + 1))
        else:
            segments.append(Segment(len(tokens), count, place, start))
        tokens += chunk.sequence.tokens[start : start + count]
        positions += range(start, start + count)
        slots += range(place + start, place + start + count)
    numbers = torch.tensor([tokens, positions, slots]).to(arena.device)
    rows = torch.tensor(wanted, dtype=torch.long).to(arena.device)
    return Batch(numbers[0:1], numbers[1:2], numbers[2], rows, find_runs(singles, arena.tokens), segments)


def find_runs(singles: Sequence[tuple[int, int]], end: int) -> list[Run]:
    """Split (place, length) pairs, by place, into few equally spaced runs.

    As many tokens as the longest one has are read of each, and none past the end of the arena.
    """
    runs: list[Run] = []
    at = 0
    while at < len(singles):
        stop = at + 1
        gap = singles[stop][0] - singles[at][0] if stop < len(singles) else 0
        longest = singles[at][1]
        while stop < len(singles):
            place, length = singles[stop]
            longest = max(longest, length)
            if place - singles[stop - 1][0] != gap or place + longest > end:
                break
            stop += 1
        runs.append(Run(at, singles[at][0], gap, tuple(length for _, length in singles[at:stop])))
        at = stop
    return runs


def _place(chunk: Chunk[Any]) -> int:
    place: int = chunk.sequence.extent.start
    return place
