"""How long jobs wait and run."""

from datetime import datetime

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from gptstore.health.finding import Finding, ok, warn
from gptstore.health.workers import START, free_places
from gptstore.jobs.models import WAITS, Job, Status
from gptstore.jobs.workers import fleet

LONG_WAIT_SECONDS = 60
STOPPED_WITHIN_SECONDS = 30


def oldest_queued_seconds() -> int | None:
    """None when no job waits. One step in an index, however many wait."""
    waiting = Job.objects.filter(WAITS).order_by("created_at")
    return seconds_since(waiting.values_list("created_at", flat=True).first())


def oldest_running_seconds() -> int | None:
    return seconds_since(Job.objects.filter(status=Status.RUNNING).aggregate(oldest=Min("started_at"))["oldest"])


def seconds_since(oldest: datetime | None) -> int | None:
    return None if oldest is None else max(0, int((timezone.now() - oldest).total_seconds()))


def check_queued() -> Finding:
    seconds = oldest_queued_seconds()
    if seconds is None:
        return ok("queued", "No job waits.")
    said = f"The oldest job waits for {seconds} s."
    if seconds <= LONG_WAIT_SECONDS:
        return ok("queued", said)
    if not fleet():
        return warn("queued", said, START)
    if free_places() > 0:
        return warn("queued", f"{said} Workers are free.", "See what `messages` says above, then the workers' logs.")
    return warn("queued", f"{said} All workers are busy.", "Start another worker if this lasts.")


def check_running() -> Finding:
    seconds = oldest_running_seconds()
    if seconds is None:
        return ok("running", "No job runs.")
    said = f"The oldest job runs for {seconds} s."
    if seconds <= settings.ENV.job_max_seconds + STOPPED_WITHIN_SECONDS:
        return ok("running", said)
    said += f" GPTSTORE_JOB_MAX_SECONDS is {settings.ENV.job_max_seconds}."
    return warn("running", said, "Find its worker in the admin under Jobs, and restart it.")
