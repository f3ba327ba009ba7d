"""Ends runs that take too long or were canceled, also those that cannot be stopped."""

import time
from collections.abc import Sequence
from math import inf

import structlog

from gptstore.jobs.events.events import publish_finished
from gptstore.jobs.lifecycle import states
from worker.jobs.excess import stop_at
from worker.jobs.notify import tell_finished
from worker.jobs.run import Run

log = structlog.get_logger(__name__)

BRIEFEST_SECONDS = 0.1


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
    said = run.publisher.text, run.prompt_tokens, run.completion_tokens
    limit = run.exceeded
    if stop_at(run.job, limit, *said) if limit else states.end_canceled(run.job, *said):
        publish_finished(run.job.id)
        tell_finished(run)
        log.error("tool_goes_on", tool=run.job.tool.slug, job=str(run.job.id), limit=limit and limit.kind.option)
    run.stop(lost=True)


def seconds_until_due(runs: Sequence[Run], most: float) -> float:
    """How long `stop_overdue` has nothing to do: up to `most`, but never as good as nothing."""
    due_at = min((run.due_at for run in runs), default=inf)
    return max(BRIEFEST_SECONDS, min(most, due_at - time.monotonic()))
