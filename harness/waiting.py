"""Waits for a condition: polls it, and fails with a description of it when it does not come true in time.

The timeout exists only to fail a hung test: machines that run tests are busy.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

Named = str | Callable[[], str]


def wait_until(
    reached: Callable[[], object],
    what: Named,
    seconds: float = 60.0,
    *,
    every: float = 0.02,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Wait until `reached()` is true, polled every `every` seconds.

    what: goes into the error, after "in vain for"; a function is called for it at the end of a wait in vain.
    pause: called between two polls instead of `time.sleep`; it may return sooner.
    Raises AssertionError after `seconds`.
    """
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, in_vain(what, seconds)
        pause(every)


async def wait_until_async(
    reached: Callable[[], Awaitable[object]], what: Named, seconds: float = 60.0, *, every: float = 0.02
) -> None:
    """Wait as `wait_until` does, for a condition that comes true in the same event loop."""
    end = time.monotonic() + seconds
    while not await reached():
        assert time.monotonic() < end, in_vain(what, seconds)
        await asyncio.sleep(every)


def in_vain(what: Named, seconds: float) -> str:
    return f"waited {seconds:g} s in vain for {what if isinstance(what, str) else what()}"
