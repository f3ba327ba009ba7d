"""A batch: one step as tensors, with the tokens that are read, the rows of the KV cache, and the attention masks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from worker.engine.compute.arena import cache_rows
from worker.engine.loop.prefix import Extent
from worker.engine.loop.sequence import Sequence as TokenSequence

S = TypeVar("S", bound=TokenSequence)


@dataclass(frozen=True, slots=True)
class DecodeGroup:
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
        """Return the attention mask of shape (n, 1, 1, longest), 0 or -inf; None: each attends to everything."""
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
class PrefillSegment:
    """Tokens of one prompt: `count` rows from `row` on, after `past` tokens that its extent has."""

    row: int
    count: int
    start: int
    size: int
    past: int

    def mask(self, window: int | None, device: torch.device) -> Tensor | None:
        """Return the attention mask of shape (count, past + count), True where a row attends; None: a causal mask."""
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
    """The rows of a step, one for each token that is read. Those of requests that generate tokens come first.

    tokens, positions: shape (1, rows). extents: shape (2, rows), the start and the size of each row's extent.
    wanted: the rows whose logits are needed. groups and segments cover all rows; where `padded` is not 0, there are no
    groups, and each decode row attends to `padded` tokens, of which a mask hides those that are not its own.
    """

    tokens: Tensor
    positions: Tensor
    extents: Tensor
    wanted: Tensor
    groups: list[DecodeGroup]
    segments: list[PrefillSegment]
    padded: int = 0
    _masks: dict[tuple[int, int | None], Tensor | None] = field(default_factory=dict)
    _targets: dict[int, Tensor] = field(default_factory=dict)
    _sources: dict[int, Tensor] = field(default_factory=dict)

    @property
    def decode_rows(self) -> int:
        """Return the number of rows of requests that read a single token."""
        return self.segments[0].row if self.segments else self.tokens.shape[1]

    def uncached(self) -> "Batch":
        """Return the same step, without its cached masks and row numbers."""
        return Batch(self.tokens, self.positions, self.extents, self.wanted, self.groups, self.segments, self.padded)

    def mask(self, part: DecodeGroup | PrefillSegment, window: int | None) -> Tensor | None:
        """Return the attention mask of one part, cached per step. See the parts' own `mask`."""
        key = (part.row, window)
        if key not in self._masks:
            self._masks[key] = part.mask(window, self.tokens.device)
        return self._masks[key]

    def padded_mask(self, window: int | None) -> Tensor:
        """Return the attention mask of the decode rows, cached per step: bool, shape (n, 1, 1, padded)."""
        key = (-1, window)
        if (mask := self._masks.get(key)) is None:
            last = self.positions[0, : self.decode_rows, None]
            at = torch.arange(self.padded, device=last.device)
            mask = at <= last
            if window is not None:
                mask &= at > last - window
            self._masks[key] = mask = mask[:, None, None]
        return mask

    def sources(self, heads: int) -> Tensor:
        """Return the arena's rows that decode rows attend to, the last one again past its end: (n, heads, padded)."""
        if heads not in self._sources:
            count = self.decode_rows
            at = torch.arange(self.padded, device=self.tokens.device).minimum(self.positions[0, :count, None])
            starts, sizes = (one[:count, None].expand(-1, self.padded) for one in self.extents)
            self._sources[heads] = cache_rows(starts, sizes, at, heads).transpose(1, 2)
        return self._sources[heads]

    def targets(self, heads: int) -> Tensor:
        """Return the arena's rows that the step's keys and values go to, token by token: shape (rows * heads,)."""
        if heads not in self._targets:
            self._targets[heads] = cache_rows(self.extents[0], self.extents[1], self.positions[0], heads).flatten()
        return self._targets[heads]


def arrange(sequences: Sequence[S]) -> list[S]:
    """Put single tokens first, by their place in the cache, so that neighbours are read together; then prompts.

    In between come tokens with guesses of those after them.
    """
    decodes = [one for one in sequences if one.scheduled == 1]
    others = sorted((one for one in sequences if one.scheduled > 1), key=lambda one: not one.draft)
    return sorted(decodes, key=lambda one: _extent(one).start) + others


def build_batch(
    sequences: Sequence[TokenSequence], wanted: Sequence[int], device: torch.device, *, pad: bool = False
) -> Batch:
    """Lay out the scheduled tokens of arranged sequences.

    wanted: the rows whose logits are needed. pad: for GPUs, without groups; a guess is a decode row there, which
        attends to what its request has stored up to it, so that such steps can be recorded too.
    """
    tokens: list[int] = []
    positions: list[int] = []
    starts: list[int] = []
    sizes: list[int] = []
    decodes: list[tuple[Extent, int]] = []
    segments: list[PrefillSegment] = []
    for one in sequences:
        start, count, extent = one.read, one.scheduled, _extent(one)
        if count == 1 or (pad and one.draft):
            decodes += [(extent, start + number + 1) for number in range(count)]
        else:
            segments.append(PrefillSegment(len(tokens), count, extent.start, extent.size, start))
        tokens += one.tokens[start : start + count] + one.draft
        positions += range(start, start + count)
        starts += [extent.start] * count
        sizes += [extent.size] * count
    numbers = torch.tensor([tokens, positions, starts, sizes]).to(device)
    rows = torch.tensor(wanted, dtype=torch.long).to(device)
    parts = numbers[0:1], numbers[1:2], numbers[2:], rows
    if pad and decodes:
        return Batch(*parts, [], segments, pad_length(max(length for _, length in decodes)))
    return Batch(*parts, find_groups(decodes), segments)


def pad_length(longest: int) -> int:
    """Return the power of two, from 64 on, that holds `longest` tokens."""
    return max(64, 1 << (longest - 1).bit_length())


def find_groups(decodes: Sequence[tuple[Extent, int]]) -> list[DecodeGroup]:
    """Put neighbours together. decodes: extents by their place, each with its length in tokens."""
    groups: list[DecodeGroup] = []
    at = 0
    while at < len(decodes):
        first, end = decodes[at][0], at + 1
        while (
            end < len(decodes)
            and decodes[end][0].size == first.size
            and decodes[end][0].start == first.start + (end - at) * first.size
        ):
            end += 1
        groups.append(DecodeGroup(at, first.start, first.size, tuple(length for _, length in decodes[at:end])))
        at = end
    return groups


def _extent(sequence: TokenSequence) -> Extent:
    assert sequence.extent is not None
    return sequence.extent
