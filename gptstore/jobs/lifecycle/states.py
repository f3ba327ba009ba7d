"""The only place where a job's status changes. Every change is a compare-and-set in the database.

    queued → running → succeeded | failed | canceled
    queued → canceled          running → queued   (its worker stopped or was lost)
    queued → failed            (no worker has its tool)

Each claim raises `attempt`, and the writes of a run name theirs: a run that lost its job changes nothing. A claim is a
lease, which the worker renews while it runs the job; when it runs out, any worker takes the job back. All times are the
database's.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.dialects import later, locked, now, waits
from gptstore.jobs.lifecycle.outcome import JobError, Outcome
from gptstore.jobs.lifecycle.queue import Offers, Turn, next_turn
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


def claim_next(worker: str, tools: Collection[str], deployed: Offers | None = None) -> Job | None:
    """Take the job whose turn it is, or None. Two workers never get the same one.

    tools: the slugs of those that are installed beside the worker. deployed: those of deployed releases, by their keys.
    """
    while (turn := next_turn({"": tools, **(deployed or {})})) is not None:
        if job := claim_oldest(turn, worker):
            return job
    return None


OF_ITS_TOOL = ("slug", "plugin", "output", "max_seconds", "limits", "admin_limits", "input_schema", "settings_schema")
"""The columns that a run reads of its tool: no other, for lack of which its thread would have to ask the database."""


def claim_oldest(turn: Turn, worker: str) -> Job | None:
    """Take the oldest job of a turn; None when others have taken all of them in the meantime."""
    claim = CLAIM.format(now=now(), lease=later(LEASE), waits=waits(), locked=locked())
    values = [worker, turn.owner_id, turn.tool_id, turn.release, turn.batch]
    for job in Job.objects.raw(claim, values):
        job.tool = Tool.objects.only(*OF_ITS_TOOL).get(id=job.tool_id)
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
    """Write how this run ended. Return False, and write nothing, when the job is no longer this run's."""
    mine = Job.objects.filter(id=job.id, status=Status.RUNNING, attempt=job.attempt)
    return bool(
        mine.update(
            **end_of(outcome),
            output=outcome.output,
            prompt_tokens=outcome.usage.prompt_tokens,
            completion_tokens=outcome.usage.completion_tokens,
            finish_reason=outcome.usage.finish_reason,
            **({"logprobs": outcome.logprobs} if outcome.logprobs else {}),
            completed_at=Now(),
        )
    )


def end_of(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of a job's end. With `unless_canceled` they look at the cancellation within the statement."""
    end: dict[str, Any] = {"status": outcome.status}
    if outcome.error is not None:
        end |= {"error_code": outcome.error.code, "error_message": outcome.error.message}
    if outcome.unless_canceled:
        canceled = {"status": Status.CANCELED, "error_code": "", "error_message": ""}
        end = {
            name: Case(When(cancel_requested=True, then=Value(canceled[name])), default=Value(end[name]))
            for name in end
        }
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
