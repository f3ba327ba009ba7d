"""Tells operator hooks that a run has ended its job."""

import structlog

from gptstore.jobs.models import Job
from worker.hooks.job_info import FinishedJob
from worker.jobs.run import Run

log = structlog.get_logger(__name__)


def tell_finished(run: Run) -> None:
    """Only after this run wrote the end of its job. Never raises: the job has ended, whatever a hook makes of it."""
    if run.hooks.listen:
        try:
            run.hooks.finished(read_finished(run))
        except Exception:
            log.exception("job_finished_not_told", job=str(run.job.id))


def read_finished(run: Run) -> FinishedJob:
    """As it is kept: a run whose time was up may have ended as canceled."""
    job = Job.objects.get(id=run.job.id)
    facts = run.facts
    seconds = job.duration.total_seconds() if job.duration else 0.0
    return FinishedJob(
        facts.id,
        facts.tool,
        facts.owner_id,
        facts.attempt,
        job.status,
        job.error_code,
        job.prompt_tokens,
        job.completion_tokens,
        seconds,
    )
