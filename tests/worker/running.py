"""A run from its start to its end, without the process around it."""

from worker.hosts.base import ToolHost
from worker.jobs.execute import execute
from worker.jobs.outcome import conclude
from worker.jobs.run import Run


def run_job(run: Run, host: ToolHost) -> None:
    conclude(run, execute(run, host))
