"""Tools that do next to nothing, so that the cost of a run is the host's."""

import os
import time
from collections.abc import Iterator

from gptstore.sdk import Context, Tool, hookimpl, tool


@tool
def nothing(ctx: Context) -> Iterator[str]:
    """End as soon as it has begun."""
    yield from ()


@tool
def clock(ctx: Context) -> str:
    """Report the time of its first line, in nanoseconds of the clock that all processes share."""
    return str(time.monotonic_ns())


@tool
def hold(ctx: Context, seconds: float) -> Iterator[str]:
    """Stay for a while and report its process."""
    yield str(os.getpid())
    time.sleep(seconds)


@tool
def passing(ctx: Context, prompt: str, tokens: int) -> Iterator[str]:
    """Pass the model's answer on, and see none of it after the first piece."""
    return ctx.model.stream(prompt, max_tokens=tokens, temperature=0)


@tool
def touching(ctx: Context, prompt: str, tokens: int) -> Iterator[str]:
    """Touch each piece of the model's answer."""
    for piece in ctx.model.stream(prompt, max_tokens=tokens, temperature=0):
        yield piece.replace("\x00", "")


@tool
def in_a_row(ctx: Context, prompts: list[str], tokens: int) -> str:
    """Ask once after the other."""
    return "\n".join(ctx.model.complete(prompt, max_tokens=tokens, temperature=0) for prompt in prompts)


@tool
def by_map(ctx: Context, prompts: list[str], tokens: int) -> str:
    """Have all answers made at the same time."""
    return "\n".join(ctx.model.map(prompts, max_tokens=tokens, temperature=0))


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [nothing, clock, hold, passing, touching, in_a_row, by_map]
