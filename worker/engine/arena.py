"""The memory of the KV cache: keys and values of every layer, allocated once."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.engine.kv import Move


@dataclass(frozen=True, slots=True)
class LayerShape:
    """What one attention layer stores of a token: heads, and the width of a key and of a value."""

    heads: int
    key_width: int
    value_width: int

    @property
    def numbers(self) -> int:
        return self.heads * (self.key_width + self.value_width)


class Arena:
    """Keys and values, one tensor each a layer, of shape (heads, tokens + 1, width).

    The token past the end belongs to nobody: what is written there is lost. All numbers are finite, since what attention
    masks is still multiplied by 0. The memory of a CPU arena is taken from the machine only as it is written to.
    """

    def __init__(self, shapes: Mapping[int, LayerShape], tokens: int, dtype: torch.dtype, device: torch.device) -> None:
        self.tokens = tokens
        self.dtype = dtype
        self.device = device
        rows = tokens + 1

        def allocate(heads: int, width: int) -> Tensor:
            return torch.zeros(heads, rows, width, dtype=dtype, device=device)

        self._keys = {layer: allocate(one.heads, one.key_width) for layer, one in shapes.items()}
        self._values = {layer: allocate(one.heads, one.value_width) for layer, one in shapes.items()}

    def write(self, layer: int, rows: Tensor, keys: Tensor, values: Tensor) -> None:
        """Store keys and values of shape (heads, n, width) in n rows."""
        self._keys[layer].index_copy_(1, rows, keys.to(self.dtype))
        self._values[layer].index_copy_(1, rows, values.to(self.dtype))

    def read(self, layer: int, start: int, count: int) -> tuple[Tensor, Tensor]:
        """Views of `count` tokens from `start`, of shape (1, heads, count, width)."""
        stretch = slice(start, start + count)
        return self._keys[layer][None, :, stretch], self._values[layer][None, :, stretch]

    def read_spaced(self, layer: int, start: int, gap: int, times: int, count: int) -> tuple[Tensor, Tensor]:
        """Views of `count` tokens at start, start + gap, …: shape (times, heads, count, width), nothing copied."""

        def view(whole: Tensor) -> Tensor:
            heads, rows, width = whole.shape
            return whole.as_strided((times, heads, count, width), (gap * width, rows * width, width, 1), start * width)

        return view(self._keys[layer]), view(self._values[layer])

    def gather(self, layer: int, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Copies of the rows, given as (n, count): shape (n, heads, count, width)."""
        return self._keys[layer][:, rows].transpose(0, 1), self._values[layer][:, rows].transpose(0, 1)

    def clear(self, start: int, count: int) -> None:
        """Set tokens to zero."""
        for whole in (*self._keys.values(), *self._values.values()):
            whole[:, start : start + count] = 0

    def move(self, moves: list[Move]) -> None:
        """Copy tokens within the arena, in order."""
        for one in moves:
            source, target = slice(one.source, one.source + one.count), slice(one.target, one.target + one.count)
            for whole in (*self._keys.values(), *self._values.values()):
                whole[:, target] = whole[:, source]
