"""The attention kernel for CPUs, in C: built when the engine starts, where there is a compiler.

PyTorch has no kernel for many short rows: its own attention, and its batched matrix products, read keys and values at
half the speed that memory has, and for small models most of their time goes into getting started. In a step of 32
requests of 160 tokens (124 million parameters, 2 cores) attention takes 23 of 61 ms with PyTorch, and 8 of 35 here.
"""

import ctypes
import logging
from collections.abc import Mapping
from functools import cache
from math import gcd
from pathlib import Path

import torch
from torch import Tensor

from worker.engine.compute.arena import LayerShape
from worker.engine.compute.batch import Batch
from worker.engine.compute.cpu.compiler import FORMATS, build, find_compiler

logger = logging.getLogger(__name__)

_SOURCE = Path(__file__).with_name("kernel.c")
_MAX_LANES = 16
_MIN_LANES = 4
_SLICE = 64
"""Numbers of a value that are summed at a time: their sums, for four queries, fit into the registers."""


class _Rows(ctypes.Structure):
    _fields_ = [("first", ctypes.c_void_p), ("row", ctypes.c_int64), ("head", ctypes.c_int64)]


class _Step(ctypes.Structure):
    _fields_ = [
        *((name, _Rows) for name in ("query", "key", "value", "out")),
        *((name, ctypes.c_void_p) for name in ("keys", "values", "starts", "sizes", "positions")),
        *((name, ctypes.c_int64) for name in ("rows", "heads", "kv_heads", "window")),
        ("scale", ctypes.c_float),
    ]


class Kernel:
    """The compiled function, for heads of one shape and one dtype."""

    def __init__(self, dtype: torch.dtype, library: ctypes.CDLL) -> None:
        self.dtype = dtype
        self._attend = library.attend
        self._attend.argtypes = [ctypes.POINTER(_Step), ctypes.c_int]

    def takes(self, *tensors: Tensor) -> bool:
        """Return whether it can read rows as they are: in its dtype, the numbers of a head side by side."""
        return all(one.dtype == self.dtype and one.stride(-1) == 1 for one in tensors)

    def attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        stored: tuple[Tensor, Tensor],
        batch: Batch,
        out: Tensor,
        scale: float,
        window: int = 0,
        threads: int = 1,
    ) -> None:
        """Store the keys and values of a batch's rows, and write each row's attention to `out`. Raises MemoryError.

        query: (heads, n, width). key, value: (key heads, n, width). stored: all that a layer has, (rows, width) each.
        out: (n, heads, value width). scale: of the scores. window: the tokens that a row attends to; 0: all.
        """
        heads, rows = query.shape[:2]
        step = _Step(
            *(_rows(one, 1, 0) for one in (query, key, value)),
            _rows(out, 0, 1),
            *(one.data_ptr() for one in (*stored, *batch.extents, batch.positions)),
            *(rows, heads, key.shape[0], window),
            scale,
        )
        if self._attend(step, threads):
            raise MemoryError("There is no memory left for attention.")


def build_kernels(shapes: Mapping[int, LayerShape], dtype: torch.dtype) -> dict[int, Kernel]:
    """Build a kernel for each attention layer, or none at all: then PyTorch does the work, and the log says why.

    CC names the compiler; `CC=` turns the kernels off.
    """
    if dtype not in FORMATS:
        return {}
    kernels: dict[int, Kernel] = {}
    for layer, shape in shapes.items():
        if (kernel := build_kernel(dtype, shape.key_width, shape.value_width)) is None:
            return {}
        kernels[layer] = kernel
    return kernels


@cache
def build_kernel(dtype: torch.dtype, key_width: int, value_width: int) -> Kernel | None:
    """Build a kernel for heads of one shape; None when that is not possible."""
    lanes = gcd(2 * _MAX_LANES, key_width, value_width) // 2
    compiler = find_compiler()
    if compiler is None or lanes < _MIN_LANES:
        reason = "no C compiler: install gcc" if compiler is None else f"heads of {key_width} and {value_width}"
        logger.warning("attention without a kernel: slower", extra={"reason": reason})
        return None
    sizes = {"KEY_WIDTH": key_width, "VALUE_WIDTH": value_width, "LANES": lanes, "SLICE": gcd(_SLICE, value_width)}
    options = [*FORMATS[dtype], *(f"-D{name}={size}" for name, size in sizes.items())]
    library = build(compiler, _SOURCE, options, "attention")
    return None if library is None else Kernel(dtype, library)


def _rows(tensor: Tensor, row: int, head: int) -> _Rows:
    return _Rows(tensor.data_ptr(), tensor.stride(row), tensor.stride(head))
