"""Tools that do next to nothing, so that what a run costs is the host's."""

import os
import time
from collections.abc import Iterator

from gptstore.sdk import Context, Tool, hookimpl, tool


@tool
def nothing(ctx: Context) -> Iterator[str]:
    """Ends as soon as it has begun."""
    yield from ()


@tool
def clock(ctx: Context) -> str:
    """Says when its first line ran, in nanoseconds of the clock that all processes share."""
    return str(time.monotonic_ns())


@tool
def hold(ctx: Context, seconds: float) -> Iterator[str]:
    """Stays for a while and says which process it is."""
    yield str(os.getpid())
    time.sleep(seconds)


@tool
def passing(ctx: Context, prompt: str, tokens: int) -> Iterator[str]:
    """Says what the model says, and sees none of it after the first piece."""
    return ctx.model.stream(prompt, max_tokens=tokens, temperature=0)


@tool
def touching(ctx: Context, prompt: str, tokens: int) -> Iterator[str]:
    """Has each piece in its hands."""
    for piece in ctx.model.stream(prompt, max_tokens=tokens, temperature=0):
        yield piece.replace("\x00", "")


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [nothing, clock, hold, passing, touching]
