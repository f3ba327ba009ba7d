"""Wakes the workers (rings their doorbell). A message carries nothing: the database holds the next job."""

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from gptstore.celery import RUN_NEXT_JOB, app
from gptstore.jobs.sender import send_soon

log = structlog.get_logger(__name__)

PASSED = "passed"
"""The header of a message with the number of workers that passed it on, since it woke them for nothing."""


def ring(task: str = RUN_NEXT_JOB, passed: int = 0) -> bool:
    """Send the message. Return whether it was sent. If not, the job waits for a worker's sweep; nothing is lost."""
    try:
        app.send_task(task, retry=False, ignore_result=True, headers={PASSED: passed})
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_failed", error=str(error))
        return False
    return True


def ring_soon(task: str = RUN_NEXT_JOB, passed: int = 0) -> None:
    """Send the message in a thread, for callers who cannot wait."""
    send_soon(lambda: ring(task, passed))
