"""The memory of the KV cache: keys and values of every layer, allocated once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

import torch
from torch import Tensor

from worker.engine.loop.kv import Move


@dataclass(frozen=True, slots=True)
class LayerShape:
    """The shape of the data of one attention layer for a token: heads, and the width of a key and of a value."""

    heads: int
    key_width: int
    value_width: int

    @property
    def numbers(self) -> int:
        return self.heads * (self.key_width + self.value_width)


class Arena:
    """Keys and values of `tokens` tokens, one flat tensor each a layer: rows of one head of one token.

    An extent of n tokens is n * heads rows in a row, head by head: (heads, n). So the extents of requests that lie side
    by side, and are of the same size, are one (requests * heads, n, width) tensor, and nothing is copied to attend to.

    The last rows are spare: writes to them are lost. All numbers are finite, since attention still multiplies masked
    ones by 0. The memory of a CPU arena is taken from the machine only as it is written to.
    """

    def __init__(self, shapes: Mapping[int, LayerShape], tokens: int, dtype: torch.dtype, device: torch.device) -> None:
        self.tokens = tokens
        self.dtype = dtype
        self.device = device
        self.shapes = dict(shapes)

        def allocate(heads: int, width: int) -> Tensor:
            return allocate_zeros((tokens + 1) * heads, width, dtype, device)

        self._keys = {layer: allocate(one.heads, one.key_width) for layer, one in shapes.items()}
        self._values = {layer: allocate(one.heads, one.value_width) for layer, one in shapes.items()}

    def layer(self, layer: int) -> tuple[Tensor, Tensor]:
        """Return all keys and values of a layer: shape (rows, width) each."""
        return self._keys[layer], self._values[layer]

    def write(self, layer: int, rows: Tensor, keys: Tensor, values: Tensor) -> None:
        """Store keys and values of shape (heads, n, width) in n * heads rows, given token by token."""
        for whole, new in ((self._keys[layer], keys), (self._values[layer], values)):
            whole.index_copy_(0, rows, new.transpose(0, 1).reshape(-1, new.shape[-1]).to(self.dtype))

    def read(self, layer: int, start: int, size: int, times: int, count: int) -> tuple[Tensor, Tensor]:
        """Return views of the first `count` tokens of `times` extents: shape (times * heads, count, width)."""
        heads = self.shapes[layer].heads

        def view(whole: Tensor) -> Tensor:
            width = whole.shape[1]
            return whole.as_strided((times * heads, count, width), (size * width, width, 1), start * heads * width)

        return view(self._keys[layer]), view(self._values[layer])

    def gather(self, layer: int, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return copies of rows, given as (n, heads, count): shape (n, heads, count, width)."""
        return self._keys[layer][rows], self._values[layer][rows]

    def clear(self, start: int, size: int, kept: int = 0) -> None:
        """Set an extent to zero, but for the first `kept` tokens."""
        for layer in self.shapes:
            for view in self.read(layer, start, size, 1, size):
                view[:, kept:].zero_()

    def move(self, moves: list[Move]) -> None:
        """Copy tokens between extents, in order."""
        for one in moves:
            for layer in self.shapes:
                sources = self.read(layer, one.source, one.source_size, 1, one.count)
                targets = self.read(layer, one.target, one.target_size, 1, one.count)
                for source, target in zip(sources, targets, strict=True):
                    target.copy_(source)


def allocate_zeros(rows: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return a tensor of zeros. On a CPU each page is taken from the machine at its first use.

    torch.zeros writes to all of them at once: that was 805 of the 1,246 MB of a worker with the bundled model.
    """
    if device.type != "cpu" or not rows * width:
        return torch.zeros(rows, width, dtype=dtype, device=device)
    memory = mmap(-1, rows * width * dtype.itemsize, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    return torch.frombuffer(memory, dtype=dtype).view(rows, width)


def cache_rows(starts: Tensor, sizes: Tensor, offsets: Tensor, heads: int) -> Tensor:
    """Return the arena's rows of tokens: where token `offsets` of an extent is, for each head.

    starts, sizes: of the extents, in tokens. All three of shape (…), the result (…, heads).
    """
    numbers = torch.arange(heads, device=starts.device)
    return (starts * heads + offsets)[..., None] + numbers * sizes[..., None]
