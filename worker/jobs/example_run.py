"""Runs the example of a release that is being checked: as a job runs, but without a row, readers or operator hooks."""

from threading import Timer
from time import monotonic
from typing import Any

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.ids import uuid7
from gptstore.jobs.models import Job
from gptstore.releases.check_report import MAX_OUTPUT, Ran
from worker.engine.protocol import Engine
from worker.hosts.base import ToolHost
from worker.jobs.execute import execute
from worker.jobs.outcome import outcome_of
from worker.jobs.run import Run


class Unpublished(Publisher):
    """Keeps the text of a run, and writes no event."""

    def enqueue(self) -> None:
        pass


def run_example(tool: Tool, given: dict[str, Any], release: str, engine: Engine, host: ToolHost, owner: int) -> Ran:
    """Run the tool of a release (key) with this input to its end, within its limits. Nothing is stored.

    owner: the account in whose name the model is asked, for fair scheduling.
    """
    try:
        checked = dict(check_input(tool.input_schema, given))
    except InvalidInput as invalid:
        return Ran(error=f"Its input does not fit the tool: {invalid}")
    job = Job(id=uuid7(), owner_id=owner, tool=tool, release=release, input=checked, output_kind=tool.output, attempt=1)
    run = Run(job, engine, publisher=Unpublished(job))
    run.counts_denials = True
    timer = Timer(run.seconds_left, run.time_out)
    timer.daemon = True
    timer.start()
    began = monotonic()
    try:
        error = execute(run, host)
    finally:
        timer.cancel()
    seconds = monotonic() - began
    outcome = outcome_of(run, error)
    return Ran(
        error=describe_end(outcome.error.message if outcome.error else "", outcome.status),
        output=outcome.output[:MAX_OUTPUT],
        seconds=round(seconds, 3),
        prompt_tokens=outcome.usage.prompt_tokens,
        completion_tokens=outcome.usage.completion_tokens,
        memory=run.peak_memory,
        denied=None if run.denied is None else dict(run.denied),
    )


def describe_end(message: str, status: str) -> str:
    """Return why the run failed; "" when it succeeded."""
    return message or ("" if status == "succeeded" else "The worker stopped it.")
