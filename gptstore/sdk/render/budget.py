"""Ends a piece of work when it has used up its processor time, in the main thread of a process made for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from gptstore.sdk.render.errors import OverBudget

AGAIN_SECONDS = 0.2
"""Python swallows exceptions in destructors and callbacks of its garbage collector, so the timer goes on."""


@contextmanager
def cpu_budget(seconds: float) -> Iterator[None]:
    """Raise OverBudget inside the block after so many seconds of processor time.

    The timer counts the time of this process alone, so that a busy machine changes nothing. Python's regular
    expressions look for signals while they match, so that a single match ends too.
    """
    before = signal.signal(signal.SIGVTALRM, raise_over_budget)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def beyond_budget() -> Iterator[None]:
    """Stop the timer for what no text is to blame for."""
    left = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *left)


def raise_over_budget(number: int, frame: FrameType | None) -> NoReturn:
    raise OverBudget
