"""Ctrl-C, TERM and a closed terminal all mean: stop everything, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gptstore.demo.errors import Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    held = False
    asked = False


def stop_on_signals() -> None:
    for number in STOPPING:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop at the first signal alone: the end is bounded anyway, and interrupting it would leave processes."""
    if _State.asked:
        return
    _State.asked = True
    if not _State.held:
        raise Stopped


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Stopped for the few lines between starting a process and knowing it."""
    _State.held = True
    try:
        yield
    finally:
        _State.held = False
    if _State.asked:
        raise Stopped
