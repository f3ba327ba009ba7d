"""Ctrl-C, TERM and a closed terminal all mean: stop everything, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Raised in the main thread when the person asks to stop; a BaseException, so that no step swallows it."""


class _State:
    held = False
    asked = False


def stop_on_signals() -> None:
    for number in STOPPING:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    """Only the first signal counts: the end is bounded anyway, and interrupting it would leave processes."""
    if _State.asked:
        return
    _State.asked = True
    if not _State.held:
        raise Stopped


@contextmanager
def uninterrupted() -> Iterator[None]:
    """For the few lines between starting a process and knowing it; Stopped comes after them."""
    _State.held = True
    try:
        yield
    finally:
        _State.held = False
    if _State.asked:
        raise Stopped
