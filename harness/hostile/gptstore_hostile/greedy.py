"""A tool that takes more than its share. Run in a sandbox, and inside a worker."""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from gptstore.sdk import Canceled, Context, ToolError, tool

held: list[bytes] = []
crumbs: list[object] = [None]
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p


def take_output(ctx: Context) -> Iterator[str]:
    yield "汉" * 1000


def take_lines(ctx: Context) -> Iterator[str]:
    ctx.log("a line")
    yield from ()


def take_tokens(ctx: Context) -> Iterator[str]:
    ctx.model.complete("a b c")
    yield from ()


def pass_tokens(ctx: Context) -> Iterator[str]:
    yield from ctx.model.stream("a b c")


def take_memory(ctx: Context) -> Iterator[str]:
    held.append(bytes(1_000_000))
    yield from ()


def take_crumbs(ctx: Context) -> Iterator[str]:
    """Leave no room for anything of any size, in C or in Python."""
    for size in (1_000_000, 30_000, *range(1024, 0, -16)):
        while malloc(size):
            pass
    for size in range(512, 0, -16):
        with suppress(MemoryError):
            while True:
                crumbs[0] = (bytes(size), crumbs[0])
    yield from ()
    raise MemoryError


TAKING = {
    "output": take_output,
    "lines": take_lines,
    "tokens": take_tokens,
    "passed": pass_tokens,
    "memory": take_memory,
    "crumbs": take_crumbs,
}


@tool(max_memory_mb=200)
def take(
    ctx: Context,
    what: Literal["output", "lines", "tokens", "passed", "memory", "crumbs"],
    times: int = 10**9,
    then: Literal["end", "go on", "lie"] = "end",
    text: str = "",
) -> Iterator[str]:
    """Take one thing again and again. `then`: the reaction when it gets no more."""
    yield "before "
    for _ in range(times):
        try:
            yield from TAKING[what](ctx)
        except (Exception, Canceled):
            if then == "lie":
                raise ToolError("The input is too short.") from None
            if then == "end":
                raise
    yield "after"
