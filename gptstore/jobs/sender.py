"""Sends messages through Redis in a thread, for callers who cannot wait, not even for a Redis that hangs."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from queue import Empty, Queue
from threading import Lock, Thread

import structlog

log = structlog.get_logger(__name__)

Send = Callable[[], bool]
"""Sends one message, and returns whether it was sent."""

opening = Lock()


def send_soon(send: Send) -> None:
    """Send one message in the sender's thread. It may get lost, as every message through Redis may."""
    with opening:
        sender().wanted.put(send)


class Sender(Thread):
    """Sends one message after the other; none of those that came while one failed. Nothing ends it but its process."""

    def __init__(self) -> None:
        super().__init__(name="sender", daemon=True)
        self.wanted: Queue[Send] = Queue()

    def run(self) -> None:
        while True:
            send = self.wanted.get()
            try:
                if not send():
                    self.forget()
            except Exception:
                log.exception("message_failed")
            finally:
                self.wanted.task_done()

    def forget(self) -> None:
        with suppress(Empty):
            while True:
                self.wanted.get_nowait()
                self.wanted.task_done()


@cache
def sender() -> Sender:
    """Return the sender of this process; it ends with it."""
    one = Sender()
    one.start()
    return one
