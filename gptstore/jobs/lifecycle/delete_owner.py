"""Deletes a person with everything that is theirs: runs, their events, API keys, addresses."""

import time

from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.retention import delete_events
from gptstore.jobs.models import FINAL, Job

MAX_AT_ONCE = 500
CANCEL_SECONDS = 2.0


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
        Job.objects.filter(id__in=ids).delete()
        redis_answers = redis_answers and delete_events(ids)
