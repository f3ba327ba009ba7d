"""Wakes the workers. A message carries nothing: which job comes next is in the database."""

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from gptstore.celery import RUN_NEXT_JOB, app

log = structlog.get_logger(__name__)


def ring() -> bool:
    """Whether the message was sent. When not, the job waits for a worker's sweeper; nothing is lost."""
    try:
        app.send_task(RUN_NEXT_JOB, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_failed", error=str(error))
        return False
    return True
