"""Wakes the workers. A message carries nothing: which job comes next is in the database."""

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
    """Whether the message was sent. When not, the job waits for a worker's sweeper; nothing is lost."""
    try:
        app.send_task(RUN_NEXT_JOB, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_failed", error=str(error))
        return False
    return True


def ring_soon() -> None:
    """For those who cannot wait, not even for a Redis that hangs."""
    with opening:
        ringer().wanted.put(None)


class Ringer(Thread):
    """Rings once for each time that it is asked; not for those who asked while a ring failed."""

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
        """Wait until nobody waits for a ring."""
        self.wanted.join()


@cache
def ringer() -> Ringer:
    """One a process; it ends with it."""
    one = Ringer()
    one.start()
    return one
