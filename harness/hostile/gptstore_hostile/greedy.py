"""A tool that takes more than its share. Run in a sandbox, and inside a worker."""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Literal

from gptstore.sdk import Canceled, Context, ToolError, tool

held: list[bytes] = []
crumbs: list[object] = [None]
numbers = count()
deleted: list[int] = []
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


def take_file(ctx: Context) -> Iterator[str]:
    with Path("file").open("ab") as file:
        file.write(bytes(1_000_000))
    yield from ()


def take_files(ctx: Context) -> Iterator[str]:
    Path(f"file-{next(numbers)}").write_bytes(bytes(1_000_000))
    yield from ()


def take_entries(ctx: Context) -> Iterator[str]:
    for _ in range(100):
        os.close(os.open(f"entry-{next(numbers)}", os.O_CREAT))
    yield from ()


def take_deleted(ctx: Context) -> Iterator[str]:
    """Write into files that are in no folder any more."""
    if len(deleted) < 20:
        deleted.append(os.open("deleted", os.O_CREAT | os.O_WRONLY))
        os.unlink("deleted")
    os.write(deleted[next(numbers) % len(deleted)], bytes(100_000))
    yield from ()


def take_depth(ctx: Context) -> Iterator[str]:
    """Go down, and write far below any path."""
    for _ in range(1_000):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    yield from take_file(ctx)


TAKING = {
    "output": take_output,
    "lines": take_lines,
    "tokens": take_tokens,
    "passed": pass_tokens,
    "memory": take_memory,
    "crumbs": take_crumbs,
    "file": take_file,
    "files": take_files,
    "entries": take_entries,
    "deleted files": take_deleted,
    "depth": take_depth,
}
OF_DISK = {"file": 100, "files": 100, "entries": 100, "deleted files": 600, "depth": 1}
"""How often to take each, to have more than 20 MB on disk and yet to leave room for others if nobody looks."""


@tool(max_memory_mb=200)
def take(
    ctx: Context,
    what: str,
    times: int = 10**9,
    then: Literal["end", "go on", "lie", "stay"] = "end",
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
    if then == "stay":
        time.sleep(3600)
    yield "after"
