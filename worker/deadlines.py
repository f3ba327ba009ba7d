"""Ends runs that take too long, also those that cannot be stopped."""

from collections.abc import Sequence

import structlog

from gptstore.jobs import states
from gptstore.jobs.events import publish_finished
from worker.run import Run

log = structlog.get_logger(__name__)


def stop_overdue(runs: Sequence[Run]) -> None:
    """Stop the runs whose time is up, which needs no database, and then give up those that go on all the same."""
    for run in runs:
        run.time_out()
    for run in runs:
        if run.is_stuck:
            give_up(run)


def give_up(run: Run) -> None:
    """End the job of a tool that does not heed its stop. It keeps its thread, but nothing that it says goes anywhere.

    The run may come to an end at the same time: the one of both that writes it first tells the readers.
    """
    if states.time_out(run.job, run.limit.message, run.publisher.text, run.prompt_tokens, run.completion_tokens):
        publish_finished(run.job.id)
        log.error("tool_goes_on", tool=run.job.tool.slug, job=str(run.job.id), limit=run.limit.seconds)
    run.stop(lost=True)
