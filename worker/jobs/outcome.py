"""Ends the job of a run: writes the outcome, once, or requeues the job for another run."""

import time
from collections.abc import Sequence
from math import inf

import structlog
from django.db import close_old_connections

from gptstore.jobs import doorbell
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome
from gptstore.jobs.logprobs import encode_logprobs
from gptstore.jobs.models import Job, Status
from gptstore.outage import AWAY, say_away
from gptstore.releases.crashes import note_crash
from gptstore.sdk.limits import SECONDS
from worker.hooks.job_info import FinishedJob
from worker.hosts.limit import Limit
from worker.jobs.run import Run
from worker.jobs.run_end import DIED, REQUEUES, EndReason

log = structlog.get_logger(__name__)

FAREWELL_SECONDS = 1.0
OUTAGE_SECONDS = 30.0
AGAIN_SECONDS = 0.5
MIN_SECONDS = 0.1


def conclude(run: Run, error: JobError | None) -> None:
    """Write the outcome of a job whose tool has ended, with the error that it met, or requeue the job."""
    if run.end.reason in REQUEUES and requeue(run):
        return
    outcome = outcome_of(run, error)
    if run.end.reason is not EndReason.JOB_LOST and finish_through_outage(run, outcome):
        run.publisher.finish()
        note_fault(run, outcome)
        notify(run)
    log.info(
        "job_ended",
        job=str(run.job.id),
        failure=outcome.error and outcome.error.code,
        tokens=outcome.usage.completion_tokens,
        limit=run.end.limit and run.end.limit.kind.name,
        lost=run.end.reason is EndReason.JOB_LOST,
    )


def outcome_of(run: Run, error: JobError | None = None) -> Outcome:
    """Return the outcome of a run that ends now. error: the tool's, which counts if it came to its end."""
    text, usage = run.publisher.text, run.requests.usage
    match run.end.reason:
        case EndReason.FINISHED if error is None:
            return Outcome(Status.SUCCEEDED, text, usage, logprobs=encode_logprobs(run.publisher.logprobs))
        case EndReason.FINISHED:
            return Outcome(Status.FAILED, text, usage, error)
        case EndReason.LIMIT if run.end.limit is not None:
            return Outcome(Status.FAILED, text, usage, limit_error(run.end.limit), unless_canceled=True)
        case reason if reason in DIED and states.is_exhausted(run.job):
            return Outcome(Status.FAILED, text, usage, states.lost_too_often(run.job))
    return Outcome(Status.CANCELED, text, usage)


def limit_error(limit: Limit) -> JobError:
    return JobError(ErrorCode.TIMEOUT if limit.kind is SECONDS else ErrorCode.LIMIT_EXCEEDED, limit.message)


def requeue(run: Run) -> bool:
    """Queue the job again. Return False when it has to end instead: it died too often, was canceled, or was lost."""
    if run.end.reason in DIED and states.is_exhausted(run.job):
        log.error("job_given_up", job=str(run.job.id), attempt=run.job.attempt)
        return False
    run.publisher.flush(FAREWELL_SECONDS)  # so that nothing of it comes after what the next attempt says
    if not states.requeue(run.job):
        return False
    log.info("job_requeued", job=str(run.job.id), attempt=run.job.attempt)
    doorbell.ring()
    return True


def finish_through_outage(run: Run, outcome: Outcome) -> bool:
    """Call `states.finish`, but retry for OUTAGE_SECONDS while the database is away: no output may be lost.

    The heartbeat renews the lease as soon as it can. Raises what the database raises when it stays away.
    """
    latest = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return states.finish(run.job, outcome)
        except AWAY as error:
            if time.monotonic() >= latest:
                raise
            say_away("database", error, job=str(run.job.id))
            close_old_connections()
            time.sleep(AGAIN_SECONDS)


def stop_overdue(runs: Sequence[Run]) -> None:
    """Stop the runs whose time is up, which needs no database, then abandon those whose tools go on all the same."""
    for run in runs:
        run.time_out()
    for run in runs:
        if run.end.is_stuck:
            abandon(run)


def seconds_until_due(runs: Sequence[Run], most: float) -> float:
    """Return how long `stop_overdue` has nothing to do: at most `most`, at least MIN_SECONDS."""
    due_at = min((run.end.due_at for run in runs), default=inf)
    return max(MIN_SECONDS, min(most, due_at - time.monotonic()))


def abandon(run: Run) -> None:
    """End the job of a tool that goes on although it was stopped. It keeps its thread, but its output goes nowhere.

    The run may come to an end at the same time: the first of the two to write it notifies the readers.
    """
    limit = run.end.limit
    outcome = outcome_of(run)
    if states.finish(run.job, outcome):
        publish_finished_soon(run.job.id)
        note_fault(run, outcome)
        notify(run)
        log.error("tool_goes_on", tool=run.job.tool.slug, job=str(run.job.id), limit=limit and limit.kind.name)
    run.stop(EndReason.JOB_LOST)


def note_fault(run: Run, outcome: Outcome) -> None:
    """Store a fault of the run's release, for the store to count. While the database is away it is lost."""
    try:
        if outcome.error:
            note_crash(run.job, outcome.error)
    except AWAY as error:
        say_away("database", error, job=str(run.job.id))


def notify(run: Run) -> None:
    """Notify operator hooks that this run has written the end of its job. Never raises, whatever a hook does."""
    if run.hooks.listen:
        try:
            run.hooks.finished(read_finished(run))
        except Exception:
            log.exception("notification_failed", job=str(run.job.id))


def read_finished(run: Run) -> FinishedJob:
    """Return the job as it is stored: a run whose time was up may have ended as canceled."""
    job = Job.objects.get(id=run.job.id)
    return FinishedJob(
        run.info.id,
        run.info.tool,
        run.info.owner_id,
        run.info.attempt,
        job.status,
        job.error_code,
        job.prompt_tokens,
        job.completion_tokens,
        job.duration.total_seconds() if job.duration else 0.0,
    )
