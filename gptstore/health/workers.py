"""Whether workers live, and hear the messages that are sent to them."""

import time

from django.utils import timezone

from gptstore.health.finding import Finding, fail, ok, warn
from gptstore.jobs import delivery_probe
from gptstore.jobs.doorbell import ring
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo, fleet

START = "Start one: `python -m worker`."
LATE_SECONDS = 15
PATIENCE_SECONDS = 3.0
LOOK_SECONDS = 0.05


def check_workers() -> Finding:
    """A worker says every few seconds that it lives, and is forgotten after thirty."""
    workers = fleet()
    if not workers:
        return fail("workers", "None is alive, so runs wait.", START)
    said = "; ".join(describe(worker) for worker in workers) + "."
    if max(map(seconds_since_seen, workers)) > LATE_SECONDS:
        return warn("workers", said, "Look at the log of the one that was not seen lately.")
    return ok("workers", said)


def describe(worker: WorkerInfo) -> str:
    return f"{worker.name} with {worker.model}, seen {seconds_since_seen(worker)} s ago"


def seconds_since_seen(worker: WorkerInfo) -> int:
    assert worker.last_seen_at is not None
    return max(0, round((timezone.now() - worker.last_seen_at).total_seconds()))


def check_messages() -> Finding:
    """Rings, and waits for a worker that hears it."""
    if not fleet():
        return warn("messages", "Not tried: no worker is alive.", START)
    if free_places() < 1:
        return ok("messages", "Not tried: all workers are busy.")
    before = delivery_probe.last_received()
    if not ring():
        return fail("messages", "The message could not be sent.", "See what `redis` says above.")
    end = time.monotonic() + PATIENCE_SECONDS
    while delivery_probe.last_received() == before:
        if time.monotonic() > end:
            said = f"Workers are alive, but none took a message within {PATIENCE_SECONDS:.0f} s."
            return fail("messages", said, "Give them the same GPTSTORE_REDIS_URL as the site, and restart them.")
        time.sleep(LOOK_SECONDS)
    return ok("messages", "A worker took one.")


def free_places() -> int:
    """Jobs that the living workers could begin now."""
    running = Job.objects.filter(status=Status.RUNNING).count()
    return sum(worker.slots for worker in fleet()) - running
