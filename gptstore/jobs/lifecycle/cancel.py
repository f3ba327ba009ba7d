"""Cancels a job, queued or running."""

import time
from functools import partial

import structlog
from django.db import transaction
from django.db.models.functions import Now
from redis import RedisError

from gptstore.jobs.events.events import CANCEL_CHANNEL, publish_finished
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job, Status
from gptstore.jobs.redis import sync_client

log = structlog.get_logger(__name__)

MAX_AT_ONCE = 100
MAX_SECONDS = 1.0


def cancel(job: Job) -> None:
    """Cancel a job: a queued one ends at once, a running one when its worker is notified, a final one not at all.

    Readers and workers look at the database when they are notified, which is after the transaction around this.
    """
    while not (job.is_final or job.cancel_requested):
        if states.cancel_queued(job.id):
            transaction.on_commit(partial(publish_finished, job.id))
        elif states.request_cancel(job.id):
            transaction.on_commit(partial(notify_worker, job))
        job.refresh_from_db()  # neither, when it was claimed or given back in between: once more


def notify_worker(job: Job) -> None:
    """Notify the worker. Workers also look at the database every second, so that a lost message only costs time."""
    try:
        sync_client().publish(CANCEL_CHANNEL, str(job.id))
    except RedisError as error:
        log.warning("cancel_message_failed", job=str(job.id), error=str(error))


def cancel_overdue() -> None:
    """Cancel jobs whose `cancel_after` has passed. When they are many, or Redis is slow, the others come next time."""
    going_on = Job.objects.filter(status__in=[Status.QUEUED, Status.RUNNING], cancel_requested=False)
    overdue = going_on.filter(cancel_after__lte=Now()).order_by("cancel_after")
    end = time.monotonic() + MAX_SECONDS
    for job in overdue.only("id", "status", "cancel_requested")[:MAX_AT_ONCE]:
        cancel(job)
        if time.monotonic() >= end:
            break
