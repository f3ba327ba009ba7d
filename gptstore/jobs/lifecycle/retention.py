"""Deletes jobs that ended long ago."""

import time
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from redis import RedisError

from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import stream_key
from gptstore.jobs.models import Job
from gptstore.jobs.redis import sync_client
from gptstore.jobs.run_counts import count_some

MAX_AT_ONCE = 100
MAX_SECONDS = 0.3


def delete_old(days: int) -> None:
    """Delete jobs that ended more than `days` ago, with their events. When they are many, the others come next time."""
    end = time.monotonic() + MAX_SECONDS
    for tool_id in Tool.objects.values_list("id", flat=True):
        while deleted := delete_some(tool_id, days):
            delete_events(deleted)
            if time.monotonic() >= end:
                return


@transaction.atomic
def delete_some(tool_id: int, days: int) -> list[UUID]:
    """Delete jobs of one tool, found by an index. Two workers never wait for each other: each skips locked rows.

    Each is counted before it goes.
    """
    old = Job.objects.filter(tool=tool_id, completed_at__lt=Now() - timedelta(days=days)).order_by("completed_at")
    found = list(old.select_for_update(skip_locked=True).values_list("id", flat=True)[:MAX_AT_ONCE])
    count_some(Job.objects.filter(id__in=found))
    ids = list(Job.objects.filter(id__in=found, counted=True).values_list("id", flat=True))
    Job.objects.filter(id__in=ids).delete()
    return ids


def delete_events(job_ids: list[UUID]) -> bool:
    """Delete the events of these jobs. Return whether Redis answered; they expire by themselves too."""
    try:
        sync_client().unlink(*map(stream_key, job_ids))
    except RedisError:
        return False
    return True
