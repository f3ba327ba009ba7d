"""Runs a job as a worker does, without a database.

In it: `worker.jobs.run.Run` with its publisher, whose events go to a real Redis, and `worker.jobs.execute.execute`.
Not in it: the claim, and the job's end in the database.
"""

from typing import Any

from bench.common.errors import NotMeasured
from bench.sandbox.plugins import TOOLS
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from worker.engine.protocol import Engine
from worker.hosts.base import ToolHost
from worker.jobs.execute import execute
from worker.jobs.run import Run


def run_job(engine: Engine, host: ToolHost, tool: str, given: dict[str, Any]) -> Run:
    """Run a job. Raises NotMeasured when it does not end as it should."""
    run = Run(
        Job(tool=Tool(slug=tool, plugin=TOOLS, input_schema={}), owner_id=1, attempt=1, worker="bench", input=given),
        engine,
    )
    error = execute(run, host)
    run.publisher.finish()
    if error is not None:
        raise NotMeasured(f"A run of {tool} failed: {error.message}")
    return run
