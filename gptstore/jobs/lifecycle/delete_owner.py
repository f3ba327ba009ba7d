"""Deletes a person with everything that is theirs: runs, their events, API keys, addresses."""

import time

from django.db.models import QuerySet

from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.retention import delete_events
from gptstore.jobs.models import FINAL, Job
from gptstore.jobs.run_counts import count_some

MAX_AT_ONCE = 500
CANCEL_SECONDS = 2.0
COUNT_SECONDS = 2.0
LOOK_SECONDS = 0.02


def delete_owner(owner: User) -> None:
    """Delete a person. Their runs are canceled first, and nothing new can begin: neither sessions nor keys work."""
    User.objects.filter(pk=owner.pk).update(is_active=False)
    cancel_all(owner)
    delete_jobs(owner)
    owner.delete()


def cancel_all(owner: User) -> None:
    """Cancel the jobs that have not ended, for some seconds at most: a worker stops within one when a row is gone."""
    end = time.monotonic() + CANCEL_SECONDS
    for job in Job.objects.filter(owner=owner).exclude(status__in=FINAL).only("id", "status", "cancel_requested"):
        cancel(job)
        if time.monotonic() >= end:
            break


def delete_jobs(owner: User) -> None:
    redis_answers = True
    while ids := list(Job.objects.filter(owner=owner).values_list("id", flat=True)[:MAX_AT_ONCE]):
        count_all(Job.objects.filter(id__in=ids))
        Job.objects.filter(id__in=ids).delete()
        redis_answers = redis_answers and delete_events(ids)


def count_all(jobs: QuerySet[Job]) -> None:
    """Count these runs before they are gone. What others change meanwhile is waited for, for some seconds at most."""
    end = time.monotonic() + COUNT_SECONDS
    while jobs.filter(counted=False).exists() and time.monotonic() < end:
        if not count_some(jobs):
            time.sleep(LOOK_SECONDS)
