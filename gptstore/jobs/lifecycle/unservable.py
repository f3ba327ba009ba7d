"""Ends jobs of tools that no worker has."""

import time
from datetime import timedelta

from django.db.models.functions import Now

from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import WAITS, Job
from gptstore.jobs.workers import fleet

PATIENCE = timedelta(minutes=10)
MAX_GAP_SECONDS = 120
MAX_AT_ONCE = 100
MESSAGE = "No worker had this tool for ten minutes. Ask the operator of this site to install its plugin on a worker."


class UnservableJobs:
    """The tools that no worker has, as seen by one worker that looks all the time.

    Tools are away for a while when workers restart: only one that nobody had for `PATIENCE` is missing. A worker that
    did not look for long, as during a database outage, begins anew.
    """

    def __init__(self) -> None:
        self.last_there: dict[int, float] = {}
        self.looked_at = 0.0

    def fail_jobs(self) -> None:
        """Fail jobs that have waited for `PATIENCE` for such a tool. When they are many, the others come next time."""
        stuck = Job.objects.filter(WAITS, tool__in=self.find(), created_at__lt=Now() - PATIENCE)
        for job_id in stuck.order_by("created_at").values_list("id", flat=True)[:MAX_AT_ONCE]:
            if states.fail_queued(job_id, ErrorCode.TOOL_MISSING, MESSAGE):
                publish_finished_soon(job_id)

    def find(self) -> list[int]:
        """Return the ids of these tools; none while no worker lives."""
        workers, tools = fleet(), Tool.objects.values_list("id", "slug")
        there = {slug for worker in workers for slug in worker.tools}
        before, self.looked_at = self.looked_at, time.monotonic()
        for tool_id, slug in tools:
            if slug in there or not workers or self.looked_at - before > MAX_GAP_SECONDS:
                self.last_there[tool_id] = self.looked_at
        return [tool_id for tool_id, _slug in tools if self.seconds_away(tool_id) >= PATIENCE.total_seconds()]

    def seconds_away(self, tool_id: int) -> float:
        return self.looked_at - self.last_there.setdefault(tool_id, self.looked_at)
