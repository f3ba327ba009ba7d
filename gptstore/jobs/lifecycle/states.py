"""The only place where a job's status changes. Every change is a compare-and-set in the database.

    queued → running → succeeded | failed | canceled
    queued → canceled          running → queued   (its worker stopped or was lost)
    queued → failed            (no worker has its tool)

Each claim raises `attempt`, and the writes of a run name theirs: a run that lost its job changes nothing. A claim is a
lease, which the worker renews while it runs the job; when it runs out, any worker takes the job back. All times are the
database's.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.dialects import later, locked, now, waits
from gptstore.jobs.lifecycle.outcome import JobError, Outcome
from gptstore.jobs.lifecycle.queue import Offer, Offers, Turn, next_turn, offers_of
from gptstore.jobs.models import WAITS, Job, Status

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=8)
MAX_SWEEP_SECONDS = 1.0
UNHEARD_AFTER = timedelta(seconds=5)
QUEUED_AGAIN: dict[str, Any] = {"status": Status.QUEUED, "worker": "", "started_at": None, "lease_expires_at": None}

# One statement, which is three times as quick as a transaction of a select, an update and what they made.
CLAIM = """
UPDATE jobs_job
SET status = 'running', attempt = attempt + 1, worker = %s, started_at = {now}, lease_expires_at = {lease}
WHERE status = 'queued' AND id = (
    SELECT id FROM jobs_job
    WHERE {waits} AND owner_id = %s AND tool_id = %s AND release = %s AND batch = %s
    ORDER BY id LIMIT 1 {locked}
)
RETURNING *
"""

# Django needs several times as long to make this statement as the database needs to carry it out.
FINISH = """
UPDATE jobs_job SET {sets}, completed_at = {now}
WHERE id = %s AND status = 'running' AND attempt = %s
"""

UNLESS_CANCELED = {
    "status": "CASE WHEN cancel_requested THEN 'canceled' ELSE %s END",
    "error_code": "CASE WHEN cancel_requested THEN '' ELSE %s END",
    "error_message": "CASE WHEN cancel_requested THEN '' ELSE %s END",
}


def claim_next(worker: str, tools: Collection[str], deployed: Offers | None = None) -> Job | None:
    """Take the job whose turn it is, or None, whichever plugins have the tools.

    tools: the slugs of those that are installed beside the worker. deployed: those of deployed releases, by their keys.
    """
    return claim_offered(worker, offers_of({"": tools, **(deployed or {})}))


def claim_offered(worker: str, offers: Sequence[Offer]) -> Job | None:
    """Take the job whose turn it is, or None, also for a drained worker. Two workers never get the same one."""
    while (turn := next_turn(offers, worker)) is not None:
        if job := claim_oldest(turn, worker):
            return job
    return None


def claim_oldest(turn: Turn, worker: str) -> Job | None:
    """Take the oldest job of a turn; None when others have taken all of them in the meantime."""
    claim = CLAIM.format(now=now(), lease=later(LEASE), waits=waits(), locked=locked())
    values = [worker, turn.owner_id, turn.tool.id, turn.release, turn.batch]
    for job in Job.objects.raw(claim, values):
        job.tool = turn.tool
        return job
    return None


def renew(worker: str, job_ids: Iterable[UUID]) -> None:
    """Renew the leases of jobs that this worker runs. What it claimed but does not run expires, and is requeued."""
    mine = Job.objects.filter(status=Status.RUNNING, worker=worker, id__in=list(job_ids))
    mine.update(lease_expires_at=Now() + LEASE)


def expire_leases(worker: str) -> None:
    """Let other workers take the jobs of one that leaves at once."""
    Job.objects.filter(status=Status.RUNNING, worker=worker).update(lease_expires_at=Now())


def finish(job: Job, outcome: Outcome) -> bool:
    """Write how this run ended. Return False, and write nothing, when the job is no longer this run's.

    With `unless_canceled` the statement itself looks at the cancellation.
    """
    values: dict[str, Any] = end_of(outcome)
    sets = [f"{name} = {UNLESS_CANCELED[name] if outcome.unless_canceled else '%s'}" for name in values]
    values |= {
        "output": outcome.output,
        "prompt_tokens": outcome.usage.prompt_tokens,
        "completion_tokens": outcome.usage.completion_tokens,
        "finish_reason": outcome.usage.finish_reason,
        **({"logprobs": outcome.logprobs} if outcome.logprobs else {}),
    }
    sets += [f"{name} = %s" for name in [*values][len(sets) :]]
    key = Job._meta.pk.get_db_prep_value(job.id, connection)
    with connection.cursor() as cursor:
        cursor.execute(FINISH.format(sets=", ".join(sets), now=now()), [*values.values(), key, job.attempt])
        return bool(cursor.rowcount)


def end_of(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of a job's end."""
    end: dict[str, Any] = {"status": str(outcome.status)}
    if outcome.error is not None:
        end |= {"error_code": str(outcome.error.code), "error_message": outcome.error.message}
    return end


def cancel_queued(job_id: UUID) -> bool:
    """Cancel a job that is still queued. Return whether it was."""
    queued = Job.objects.filter(id=job_id, status=Status.QUEUED)
    return bool(queued.update(status=Status.CANCELED, cancel_requested=True, completed_at=Now()))


def fail_queued(job_id: UUID, code: ErrorCode, message: str) -> bool:
    """Fail a job that is still queued, without a run. Return whether it was."""
    queued = Job.objects.filter(id=job_id, status=Status.QUEUED)
    end = {"status": Status.FAILED, "error_code": code, "error_message": message, "completed_at": Now()}
    return bool(queued.update(**end))


def request_cancel(job_id: UUID) -> bool:
    """Ask the worker of a running job to stop it. Return whether the job runs."""
    return bool(Job.objects.filter(id=job_id, status=Status.RUNNING).update(cancel_requested=True))


@dataclass(frozen=True)
class Requeued:
    """The jobs of lost workers that are queued again, and those that ended: canceled, or lost too often."""

    again: list[UUID]
    ended: list[UUID]


def requeue_expired() -> Requeued:
    """Requeue the jobs whose lease has expired, or end those that were canceled or lost too often.

    The output of those that end is read from Redis. When it is slow, the others come next time.
    """
    requeued = Requeued([], [])
    latest = time.monotonic() + MAX_SWEEP_SECONDS
    lost = Job.objects.filter(Q(lease_expires_at__lte=Now()) | Q(lease_expires_at=None), status=Status.RUNNING)
    for job in lost.only("id", "status", "attempt", "cancel_requested").order_by("cancel_requested", "attempt"):
        end = end_of_lost(job)
        unchanged = lost.filter(id=job.id, attempt=job.attempt, cancel_requested=job.cancel_requested)
        if unchanged.update(**(end or QUEUED_AGAIN)):
            (requeued.ended if end else requeued.again).append(job.id)
        if time.monotonic() >= latest:
            break
    return requeued


def end_of_lost(job: Job) -> dict[str, Any] | None:
    """Return how a job ends whose worker was lost, with its output so far; None when it is to run again."""
    if not job.cancel_requested and not is_exhausted(job):
        return None
    so_far = read_output_so_far(job)
    end = {"output": so_far.text, "completion_tokens": so_far.tokens, "completed_at": Now()}
    if job.cancel_requested:
        return end | {"status": Status.CANCELED}
    return end | end_of(Outcome(Status.FAILED, error=lost_too_often(job)))


def is_exhausted(job: Job) -> bool:
    """Return whether no attempt is left for a job whose worker dies while running it."""
    return job.attempt >= MAX_ATTEMPTS


def lost_too_often(job: Job) -> JobError:
    message = (
        f"It was started {job.attempt} times, and each time its worker was lost. Run it again, or ask the operator."
    )
    return JobError(ErrorCode.WORKER_LOST, message)


def requeue(job: Job) -> bool:
    """Requeue a job that this run cannot finish, for another worker. Return False for a canceled or lost one."""
    mine = Job.objects.filter(id=job.id, status=Status.RUNNING, attempt=job.attempt, cancel_requested=False)
    return bool(mine.update(**QUEUED_AGAIN))


def owned_runs(job_ids: Iterable[UUID]) -> dict[tuple[UUID, int], bool]:
    """Return the running ones of these jobs, as (id, attempt), with whether their cancellation was requested."""
    running = Job.objects.filter(id__in=list(job_ids), status=Status.RUNNING)
    return {
        (job_id, attempt): cancel
        for job_id, attempt, cancel in running.values_list("id", "attempt", "cancel_requested")
    }


def count_waiting(offers: Offers, most: int, longer_than: timedelta = UNHEARD_AFTER) -> int:
    """Count jobs that somebody with these offers can run and that have been queued for long, at most `most`."""
    waiting = Job.objects.filter(WAITS, created_at__lt=Now() - longer_than)
    able = [Q(release=release, tool__in=Tool.objects.filter(slug__in=slugs)) for release, slugs in offers.items()]
    return waiting.filter(reduce(or_, able)).order_by()[:most].count() if able and most else 0
