"""Examines the whole store: the checks of the workers and the queue, and the order of all checks."""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from redis import RedisError

from gptstore.catalog.search.check import compare
from gptstore.health.checks import (
    Finding,
    check_database,
    check_debug,
    check_eviction,
    check_https,
    check_migrations,
    check_persistence,
    check_redis,
    check_secret_key,
    fail,
    in_a_sentence,
    ok,
    oldest_queued_seconds,
    oldest_running_seconds,
    warn,
)
from gptstore.jobs import delivery_probe
from gptstore.jobs.doorbell import ring
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo, fleet

Check = Callable[[], Finding]
START = "Start one: `python -m worker`."
LATE_SECONDS = 15
PATIENCE_SECONDS = 3.0
POLL_SECONDS = 0.05
LONG_WAIT_SECONDS = 60
STOPPED_WITHIN_SECONDS = 30
CLOSE = "See /docs/security-model/ on the site."
ADMIT = "Mend them, or give the worker what is missing, or lower GPTSTORE_SANDBOX_LEVEL if you trust them."


def check_workers() -> Finding:
    """Check that workers live: each sends a heartbeat every few seconds, and is forgotten after thirty."""
    workers = fleet()
    if not workers:
        return fail("workers", "None is alive, so runs wait.", START)
    message = "; ".join(describe(worker) for worker in workers) + "."
    if max(map(seconds_since_seen, workers)) > LATE_SECONDS:
        return warn("workers", message, "Look at the log of the one that was not seen lately.")
    return ok("workers", message)


def describe(worker: WorkerInfo) -> str:
    return f"{worker.name} with {worker.model}, seen {seconds_since_seen(worker)} s ago"


def seconds_since_seen(worker: WorkerInfo) -> int:
    assert worker.last_seen_at is not None
    return max(0, round((timezone.now() - worker.last_seen_at).total_seconds()))


def check_messages() -> Finding:
    """Send a doorbell message, and wait for a worker that receives it."""
    if not fleet():
        return warn("messages", "Not tried: no worker is alive.", START)
    if free_slots() < 1:
        return ok("messages", "Not tried: all workers are busy.")
    before = delivery_probe.last_received()
    if not ring():
        return fail("messages", "The message could not be sent.", "See what `redis` says above.")
    end = time.monotonic() + PATIENCE_SECONDS
    while delivery_probe.last_received() == before:
        if time.monotonic() > end:
            message = f"Workers are alive, but none took a message within {PATIENCE_SECONDS:.0f} s."
            return fail("messages", message, "Give them the same GPTSTORE_REDIS_URL as the site, and restart them.")
        time.sleep(POLL_SECONDS)
    return ok("messages", "A worker took one.")


def free_slots() -> int:
    """Return how many jobs the living workers could begin now."""
    running = Job.objects.filter(status=Status.RUNNING).count()
    return sum(worker.slots for worker in fleet()) - running


def check_sandbox() -> Finding:
    workers = fleet()
    if not workers:
        return warn("sandbox", "Not known: no worker is alive.", START)
    if refused := describe_workers(workers, describe_refused):
        return warn("sandbox", refused, ADMIT)
    if missing := describe_workers(workers, describe_missing):
        return warn("sandbox", missing, CLOSE)
    return ok("sandbox", "Plugins are shut in on every worker.")


def describe_workers(workers: list[WorkerInfo], describe: Callable[[WorkerInfo], str]) -> str:
    """Describe workers by name; those with the same description together."""
    names: dict[str, list[str]] = {}
    for worker in workers:
        if message := describe(worker):
            names.setdefault(message, []).append(worker.name)
    return " ".join(f"{', '.join(named)}: {message}." for message, named in names.items())


def describe_refused(worker: WorkerInfo) -> str:
    reasons = "; ".join(f"{plugin} is refused: {reason}" for plugin, reason in worker.refused.items())
    return reasons.rstrip(".")


def describe_missing(worker: WorkerInfo) -> str:
    missing = "; without ".join(worker.sandbox_missing)
    return missing and f"level {worker.sandbox}, without {missing}"


def check_search() -> Finding:
    """Check that the index of search has what the table of tools has."""
    compared = compare()
    if compared.agrees:
        return ok("search", f"The index has all {compared.tools} tools; {compared.compared} were compared.")
    message = f"Of {compared.tools} tools, {compared.missing} are not in the index."
    if compared.stale:
        message += f" {compared.stale} of {compared.compared} that were compared are found by what they were before."
    if not compared.follows_runs:
        message += " The order of results does not follow the numbers of runs."
    return fail("search", message, "Run `manage.py rebuild_search`.")


def check_queued() -> Finding:
    seconds = oldest_queued_seconds()
    if seconds is None:
        return ok("queued", "No job waits.")
    message = f"The oldest job waits for {seconds} s."
    if seconds <= LONG_WAIT_SECONDS:
        return ok("queued", message)
    if not fleet():
        return warn("queued", message, START)
    if free_slots() > 0:
        return warn("queued", f"{message} Workers are free.", "See what `messages` says above, then the workers' logs.")
    return warn("queued", f"{message} All workers are busy.", "Start another worker if this lasts.")


def check_running() -> Finding:
    seconds = oldest_running_seconds()
    if seconds is None:
        return ok("running", "No job runs.")
    message = f"The oldest job runs for {seconds} s."
    if seconds <= settings.ENV.job_max_seconds + STOPPED_WITHIN_SECONDS:
        return ok("running", message)
    message += f" GPTSTORE_JOB_MAX_SECONDS is {settings.ENV.job_max_seconds}."
    return warn("running", message, "Find its worker in the admin under Jobs, and restart it.")


SETTINGS: list[Check] = [check_secret_key, check_debug, check_https]
IN_DATABASE: dict[str, Check] = {
    "migrations": check_migrations,
    "search": check_search,
    "workers": check_workers,
    "sandbox": check_sandbox,
}
IN_REDIS: dict[str, Check] = {"persistence": check_persistence, "eviction": check_eviction}
IN_BOTH: dict[str, Check] = {"messages": check_messages}
JOBS: dict[str, Check] = {"queued": check_queued, "running": check_running}


def examine() -> Iterator[Finding]:
    """Yield one finding for each check. One that needs a service that is away is a warning, not one more failure."""
    yield from (check() for check in SETTINGS)
    database, redis = check_database(), check_redis()
    yield database
    yield from run_checks(IN_DATABASE, database)
    yield redis
    yield from run_checks(IN_REDIS, redis)
    yield from run_checks(IN_BOTH, database, redis)
    yield from run_checks(JOBS, database)


def run_checks(checks: dict[str, Check], *needed: Finding) -> Iterator[Finding]:
    missing = next((finding.name for finding in needed if not finding.ok), None)
    for name, check in checks.items():
        if missing:
            yield warn(name, "Not known.", f"See what `{missing}` says above.")
        else:
            yield run_check(name, check)


def run_check(name: str, check: Check) -> Finding:
    try:
        return check()
    except (DatabaseError, InterfaceError, RedisError) as error:
        return fail(name, f"It could not be found out: {in_a_sentence(error)}", "Run the doctor again.")
