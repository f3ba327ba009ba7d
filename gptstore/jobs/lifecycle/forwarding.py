"""Passes a message on that woke a worker for nothing: a job waits for a tool that others have.

Redis gives it to the one that has waited for a message the longest, so that it comes around.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count

from gptstore.jobs import doorbell, workers
from gptstore.jobs.lifecycle.queue import Offers
from gptstore.jobs.lifecycle.states import count_waiting
from gptstore.jobs.models import WAITS, Job, Status

ROUNDS = 2
"""How often a message comes around a fleet at most. Whoever it was for rings again for a job that nobody claims."""


def forward(worker: str, offers: Offers, passed: int) -> bool:
    """Send the message once more if it is for another worker. Return whether it was. offers: this worker's own."""
    if not Job.objects.filter(WAITS).exists():
        return False
    fleet = workers.fleet()
    theirs = offers_of_others(fleet, worker, offers)
    if passed >= ROUNDS * len(fleet) or not count_waiting(theirs, most=1, longer_than=timedelta(0)):
        return False
    doorbell.ring_soon(passed=passed + 1)
    return True


def offers_of_others(fleet: list[workers.WorkerInfo], worker: str, offers: Offers) -> dict[str, set[str]]:
    """Return what others can run at once and this worker cannot."""
    running = dict(Job.objects.filter(status=Status.RUNNING).order_by().values_list("worker").annotate(Count("id")))
    theirs: dict[str, set[str]] = defaultdict(set)
    for other in fleet:
        if other.name != worker and other.drained_at is None and running.get(other.name, 0) < other.slots:
            for release, slugs in other.by_release.items():
                theirs[release] |= {*slugs} - {*offers.get(release, ())}
    return {release: slugs for release, slugs in theirs.items() if slugs}
