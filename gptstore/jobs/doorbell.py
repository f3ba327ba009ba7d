"""Wakes the workers (rings their doorbell). A message carries nothing: the database holds the next job."""

from contextlib import suppress
from functools import cache
from queue import Empty, Queue
from threading import Lock, Thread

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from gptstore.celery import RUN_NEXT_JOB, app

log = structlog.get_logger(__name__)

opening = Lock()


def ring() -> bool:
    """Send the message. Return whether it was sent. If not, the job waits for a worker's sweep; nothing is lost."""
    try:
        app.send_task(RUN_NEXT_JOB, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_failed", error=str(error))
        return False
    return True


def ring_soon() -> None:
    """Send the message in a thread, for callers who cannot wait, not even for a Redis that hangs."""
    with opening:
        ringer().wanted.put(None)


class Ringer(Thread):
    """Sends one message for each request; none for those that came while a message failed."""

    def __init__(self) -> None:
        super().__init__(name="doorbell", daemon=True)
        self.wanted: Queue[None] = Queue()

    def run(self) -> None:
        while True:
            self.wanted.get()
            if not ring():
                self.forget()
            self.wanted.task_done()

    def forget(self) -> None:
        with suppress(Empty):
            while True:
                self.wanted.get_nowait()
                self.wanted.task_done()

    def finish(self) -> None:
        """Wait until no request waits for its message."""
        self.wanted.join()


@cache
def ringer() -> Ringer:
    """Return the ringer of this process; it ends with it."""
    one = Ringer()
    one.start()
    return one
