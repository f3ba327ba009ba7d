"""The only place where a job's status changes. Every change is a compare-and-set in the database.

    queued → running → succeeded | failed | canceled
    queued → canceled          running → queued   (its worker stopped or was lost)
    queued → failed            (no worker has its tool)

Each claim raises `attempt`, and the writes of a run name theirs: a run that lost its job changes nothing. A claim is a
lease, which the worker renews while it runs the job; when it runs out, any worker takes the job back. All times are the
database's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.output_so_far import read_partial
from gptstore.jobs.lifecycle.queue import Turn, next_turn
from gptstore.jobs.models import WAITS, Job, Status

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=8)
UNHEARD_AFTER = timedelta(seconds=5)
QUEUED_AGAIN: dict[str, Any] = {"status": Status.QUEUED, "worker": "", "started_at": None, "lease_expires_at": None}

# One statement, which is three times as quick as a transaction of a select, an update and what they made.
CLAIM = """
UPDATE jobs_job
SET status = 'running', attempt = attempt + 1, worker = %s, started_at = {now}, lease_expires_at = {lease}
WHERE status = 'queued' AND id = (
    SELECT id FROM jobs_job
    WHERE status = 'queued' AND owner_id = %s AND tool_id = %s AND batch = %s
    AND (cancel_after IS NULL OR cancel_after > {now})
    ORDER BY id LIMIT 1 {locked}
)
RETURNING *
"""
DIALECTS = {
    "postgresql": {
        "now": "statement_timestamp()",
        "lease": f"statement_timestamp() + interval '{LEASE.seconds} seconds'",
        "locked": "FOR UPDATE SKIP LOCKED",
    },
    "sqlite": {
        "now": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "lease": f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+{LEASE.seconds} seconds')",
        "locked": "",
    },
}


def claim_next(worker: str, tools: Collection[str]) -> Job | None:
    """Take the job whose turn it is, of these tools (slugs), or None. Two workers never get the same one."""
    while (turn := next_turn(tools)) is not None:
        if job := claim_oldest(turn, worker):
            return job
    return None


def claim_oldest(turn: Turn, worker: str) -> Job | None:
    """Take the oldest job of a turn; None when others have taken all of them in the meantime."""
    dialect = DIALECTS[connection.vendor]
    values = [worker, turn.owner_id, turn.tool_id, turn.batch]
    for job in Job.objects.raw(CLAIM.format(**dialect), values):
        job.tool = Tool.objects.only("slug", "max_seconds", "limits").get(id=job.tool_id)
        return job
    return None


def renew(worker: str, job_ids: Iterable[UUID]) -> None:
    """Go on with jobs that this worker runs. What it claimed but does not run is taken back when its lease runs out."""
    mine = Job.objects.filter(status=Status.RUNNING, worker=worker, id__in=list(job_ids))
    mine.update(lease_expires_at=Now() + LEASE)


def let_go(worker: str) -> None:
    """Others may take the jobs of a worker that leaves at once."""
    Job.objects.filter(status=Status.RUNNING, worker=worker).update(lease_expires_at=Now())


def succeed(job: Job, output: str, prompt_tokens: int, completion_tokens: int) -> bool:
    return finish(job, Status.SUCCEEDED, output, prompt_tokens, completion_tokens)


def fail(job: Job, code: ErrorCode, message: str, output: str, prompt_tokens: int, completion_tokens: int) -> bool:
    """The partial output is kept."""
    return finish(job, Status.FAILED, output, prompt_tokens, completion_tokens, error_code=code, error_message=message)


def end_canceled(job: Job, output: str, prompt_tokens: int, completion_tokens: int) -> bool:
    """The run of a canceled job has stopped. The partial output is kept."""
    return finish(job, Status.CANCELED, output, prompt_tokens, completion_tokens)


def finish(job: Job, status: Status, output: str, prompt_tokens: int, completion_tokens: int, **error: Any) -> bool:
    """Whether this run was still the one that owns the job; when not, nothing was written."""
    mine = Job.objects.filter(id=job.id, status=Status.RUNNING, attempt=job.attempt)
    return bool(
        mine.update(
            status=status,
            output=output,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            completed_at=Now(),
            **error,
        )
    )


def cancel_queued(job_id: UUID) -> bool:
    """Whether the job was still queued; it is canceled now."""
    queued = Job.objects.filter(id=job_id, status=Status.QUEUED)
    return bool(queued.update(status=Status.CANCELED, cancel_requested=True, completed_at=Now()))


def fail_queued(job_id: UUID, code: ErrorCode, message: str) -> bool:
    """Whether the job was still queued; it has failed without ever running."""
    queued = Job.objects.filter(id=job_id, status=Status.QUEUED)
    end = {"status": Status.FAILED, "error_code": code, "error_message": message, "completed_at": Now()}
    return bool(queued.update(**end))


def request_cancel(job_id: UUID) -> bool:
    """Whether the job runs; its worker will stop it."""
    return bool(Job.objects.filter(id=job_id, status=Status.RUNNING).update(cancel_requested=True))


@dataclass(frozen=True)
class TakenBack:
    """The jobs of lost workers that are queued again, and those that ended: canceled, or lost too often."""

    again: list[UUID]
    ended: list[UUID]


def take_back_lost() -> TakenBack:
    """Queue the jobs whose lease ran out, or end them."""
    taken = TakenBack([], [])
    lost = Job.objects.filter(Q(lease_expires_at__lte=Now()) | Q(lease_expires_at=None), status=Status.RUNNING)
    for job in lost.only("id", "status", "attempt", "cancel_requested"):
        end = end_of_lost(job)
        unchanged = lost.filter(id=job.id, attempt=job.attempt, cancel_requested=job.cancel_requested)
        if unchanged.update(**(end or QUEUED_AGAIN)):
            (taken.ended if end else taken.again).append(job.id)
    return taken


def end_of_lost(job: Job) -> dict[str, Any] | None:
    """How a job ends whose worker was lost, with what it had said; None when it is to run again."""
    if not job.cancel_requested and job.attempt < MAX_ATTEMPTS:
        return None
    said = read_partial(job)
    end = {"output": said.text, "completion_tokens": said.tokens, "completed_at": Now()}
    if job.cancel_requested:
        return end | {"status": Status.CANCELED}
    return end | {"status": Status.FAILED, "error_code": ErrorCode.WORKER_LOST, "error_message": lost_message(job)}


def lost_message(job: Job) -> str:
    return f"It was started {job.attempt} times, and each time its worker was lost. Run it again, or ask the operator."


def give_up(job: Job, output: str, prompt_tokens: int, completion_tokens: int) -> bool:
    """Fail a job whose worker dies under it, when this has happened too often. False when it may run again."""
    if job.attempt < MAX_ATTEMPTS:
        return False
    return fail(job, ErrorCode.WORKER_LOST, lost_message(job), output, prompt_tokens, completion_tokens)


def release(job: Job) -> bool:
    """Queue a job that this run cannot finish, for another worker. False when it is not this run's, or was canceled."""
    mine = Job.objects.filter(id=job.id, status=Status.RUNNING, attempt=job.attempt, cancel_requested=False)
    return bool(mine.update(**QUEUED_AGAIN))


def owned_runs(job_ids: Iterable[UUID]) -> dict[tuple[UUID, int], bool]:
    """Of these jobs the running ones, as (id, attempt), and whether their cancellation was asked for."""
    running = Job.objects.filter(id__in=list(job_ids), status=Status.RUNNING)
    return {
        (job_id, attempt): cancel
        for job_id, attempt, cancel in running.values_list("id", "attempt", "cancel_requested")
    }


def count_waiting(tools: Collection[str], most: int) -> int:
    """Up to so many jobs of these tools that nobody claimed for a while, as if their ring had not been heard."""
    waiting = Job.objects.filter(WAITS, created_at__lt=Now() - UNHEARD_AFTER)
    return waiting.filter(tool__in=Tool.objects.filter(slug__in=tools)).order_by()[:most].count()


@transaction.atomic
def stop_at_limit(
    job: Job, code: ErrorCode, message: str, output: str, prompt_tokens: int, completion_tokens: int
) -> bool:
    """Fail a job that took more than it may; one whose cancellation was asked for is canceled. Its output is kept."""
    row = Job.objects.select_for_update().filter(id=job.id)
    if row.values_list("cancel_requested", flat=True).first():
        return end_canceled(job, output, prompt_tokens, completion_tokens)
    return fail(job, code, message, output, prompt_tokens, completion_tokens)
