"""One step as tensors: which tokens the model reads, where their keys and values go, and who attends to what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from worker.engine.compute.arena import rows_of
from worker.engine.loop.prefix import Extent
from worker.engine.loop.scheduler import Chunk


@dataclass(frozen=True, slots=True)
class Run:
    """Requests that read one token each, whose extents are of the same size and lie side by side.

    row: the first one's row in the step; the others follow. start: of the first one's extent. lengths: tokens of each,
    the one that is read included.
    """

    row: int
    start: int
    size: int
    lengths: tuple[int, ...]

    @property
    def longest(self) -> int:
        return max(self.lengths)

    def mask(self, window: int | None, device: torch.device) -> Tensor | None:
        """What each request sees: shape (n, 1, 1, longest), 0 or -inf; None: everything."""
        longest = self.longest
        if min(self.lengths) == longest and (window is None or longest <= window):
            return None
        at = torch.arange(longest, device=device)
        lengths = torch.tensor(self.lengths, device=device)[:, None]
        hidden = at >= lengths
        if window is not None:
            hidden |= at < lengths - window
        return torch.zeros(hidden.shape, device=device).masked_fill_(hidden, -torch.inf)[:, None, None]


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of one prompt: `count` rows from `row`, after `past` tokens that its extent has."""

    row: int
    count: int
    start: int
    size: int
    past: int

    def mask(self, window: int | None, device: torch.device) -> Tensor | None:
        """What each row sees: shape (count, past + count), True where it does; None: its own tokens up to itself."""
        whole = self.past + self.count
        if self.past == 0 and (window is None or whole <= window):
            return None
        rows = torch.arange(self.past, whole, device=device)[:, None]
        at = torch.arange(whole, device=device)
        seen = at <= rows
        if window is not None:
            seen &= at > rows - window
        return seen


@dataclass(eq=False, slots=True)
class Batch:
    """The rows of a step: one a token that is read, first those of requests that read a single one.

    tokens, positions: shape (1, rows). places: shape (2, rows), the start and the size of each row's extent.
    wanted: the rows whose logits are needed. runs and segments cover all rows; where `padded` is not 0, there are no
    runs, and single rows attend to so many tokens each, of which a mask hides what is not theirs.
    """

    tokens: Tensor
    positions: Tensor
    places: Tensor
    wanted: Tensor
    runs: list[Run]
    segments: list[Segment]
    padded: int = 0
    _masks: dict[tuple[int, int | None], Tensor | None] = field(default_factory=dict)
    _targets: dict[int, Tensor] = field(default_factory=dict)
    _sources: dict[int, Tensor] = field(default_factory=dict)

    @property
    def singles(self) -> int:
        """Rows of requests that read a single token."""
        return self.segments[0].row if self.segments else self.tokens.shape[1]

    def renewed(self) -> "Batch":
        """The same step, without what was worked out of it."""
        return Batch(self.tokens, self.positions, self.places, self.wanted, self.runs, self.segments, self.padded)

    def mask(self, part: Run | Segment, window: int | None) -> Tensor | None:
        """What of the longest request the rows of a part see, made once a step. See the parts' own `mask`."""
        name = (part.row, window)
        if name not in self._masks:
            self._masks[name] = part.mask(window, self.tokens.device)
        return self._masks[name]

    def padded_mask(self, window: int | None) -> Tensor:
        """What each single row sees of its padded tokens: bool, shape (n, 1, 1, padded), True where it does."""
        name = (-1, window)
        if (mask := self._masks.get(name)) is None:
            last = self.positions[0, : self.singles, None]
            at = torch.arange(self.padded, device=last.device)
            mask = at <= last
            if window is not None:
                mask &= at > last - window
            self._masks[name] = mask = mask[:, None, None]
        return mask

    def sources(self, heads: int) -> Tensor:
        """The arena's rows that single rows attend to: shape (n, heads, padded), its last token again past its end."""
        if heads not in self._sources:
            count = self.singles
            at = torch.arange(self.padded, device=self.tokens.device).minimum(self.positions[0, :count, None])
            starts, sizes = (one[:count, None].expand(-1, self.padded) for one in self.places)
            self._sources[heads] = rows_of(starts, sizes, at, heads).transpose(1, 2)
        return self._sources[heads]

    def targets(self, heads: int) -> Tensor:
        """The arena's rows that the step's keys and values go to, token by token: shape (rows * heads,)."""
        if heads not in self._targets:
            self._targets[heads] = rows_of(self.places[0], self.places[1], self.positions[0], heads).flatten()
        return self._targets[heads]


def arrange(chunks: Sequence[Chunk[Any]]) -> list[Chunk[Any]]:
    """Single tokens first, by their place in the cache, so that neighbours can be read together; then prompts."""
    singles = [chunk for chunk in chunks if chunk.count == 1]
    return sorted(singles, key=lambda chunk: _extent(chunk).start) + [chunk for chunk in chunks if chunk.count > 1]


def build(chunks: Sequence[Chunk[Any]], wanted: Sequence[int], device: torch.device, *, pad: bool = False) -> Batch:
    """Lay out arranged chunks; `wanted` are the rows whose logits are needed. `pad`: as GPUs like it, without runs."""
    tokens: list[int] = []
    positions: list[int] = []
    starts: list[int] = []
    sizes: list[int] = []
    singles: list[tuple[Extent, int]] = []
    segments: list[Segment] = []
    for chunk in chunks:
        start, count, extent = chunk.start, chunk.count, _extent(chunk)
        if count == 1:
            singles.append((extent, start + 1))
        else:
            segments.append(Segment(len(tokens), count, extent.start, extent.size, start))
        tokens += chunk.sequence.tokens[start : start + count]
        positions += range(start, start + count)
        starts += [extent.start] * count
        sizes += [extent.size] * count
    numbers = torch.tensor([tokens, positions, starts, sizes]).to(device)
    rows = torch.tensor(wanted, dtype=torch.long).to(device)
    parts = numbers[0:1], numbers[1:2], numbers[2:], rows
    if pad and singles:
        return Batch(*parts, [], segments, pad_length(max(length for _, length in singles)))
    return Batch(*parts, find_runs(singles), segments)


def pad_length(longest: int) -> int:
    """The power of two, from 64 on, that holds so many tokens."""
    return max(64, 1 << (longest - 1).bit_length())


def find_runs(singles: Sequence[tuple[Extent, int]]) -> list[Run]:
    """Put neighbours together; extents come with their length in tokens, by their place."""
    runs: list[Run] = []
    at = 0
    while at < len(singles):
        first, end = singles[at][0], at + 1
        while (
            end < len(singles)
            and singles[end][0].size == first.size
            and singles[end][0].start == first.start + (end - at) * first.size
        ):
            end += 1
        runs.append(Run(at, first.start, first.size, tuple(length for _, length in singles[at:end])))
        at = end
    return runs


def _extent(chunk: Chunk[Any]) -> Extent:
    extent: Extent = chunk.sequence.extent
    return extent
