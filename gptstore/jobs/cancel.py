"""Stops a job, wherever it is on its way."""

import structlog
from redis import RedisError

from gptstore.jobs import states
from gptstore.jobs.events import CANCEL_CHANNEL, publish_finished
from gptstore.jobs.models import Job
from gptstore.jobs.redis import sync_client

log = structlog.get_logger(__name__)


def cancel(job: Job) -> None:
    """A queued job ends at once; a running one when its worker hears of it. Harmless when it has ended already."""
    while not (job.is_final or job.cancel_requested):
        if states.cancel_queued(job.id):
            publish_finished(job.id)
        elif states.request_cancel(job.id):
            tell_worker(job)
        job.refresh_from_db()  # neither, when it was claimed or given back in between: once more


def tell_worker(job: Job) -> None:
    """Workers also look at the database every second, so that a lost message only costs time."""
    try:
        sync_client().publish(CANCEL_CHANNEL, str(job.id))
    except RedisError as error:
        log.warning("cancel_message_failed", job=str(job.id), error=str(error))
