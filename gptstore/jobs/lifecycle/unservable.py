"""Ends jobs that no worker can run: nobody has their tool, or not the release of it that they ask for."""

import time
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import OF_RELEASE, WAITS, Job
from gptstore.jobs.workers import fleet

PATIENCE = timedelta(minutes=10)
MAX_GAP_SECONDS = 120
MAX_AT_ONCE = 100
MESSAGE = "No worker had this tool for ten minutes. Ask the operator of this site to install its plugin on a worker."
MESSAGE_OF_RELEASE = "No worker had this release of the tool for ten minutes. Run it again, or ask the operator."

Asked = tuple[int, str]
"""A tool (its id), and the release of it that a job asks for; "" where it asks for none."""


class UnservableJobs:
    """The tools and releases that no worker has, as seen by one worker that looks all the time.

    Tools are away for a while when workers restart: only one that nobody had for `PATIENCE` is missing. A worker that
    did not look for long, as during a database outage, begins anew.
    """

    def __init__(self) -> None:
        self.last_there: dict[Asked, float] = {}
        self.looked_at = 0.0

    def fail_jobs(self) -> None:
        """Fail jobs that have waited for `PATIENCE` for such a tool. When they are many, the others come next time."""
        condition = Q(pk__in=[])
        for tool_id, release in self.find():
            condition |= Q(tool=tool_id, release=release)
        stuck = Job.objects.filter(WAITS, condition, created_at__lt=Now() - PATIENCE)
        for job_id, release in stuck.order_by("created_at").values_list("id", "release")[:MAX_AT_ONCE]:
            message = MESSAGE_OF_RELEASE if release else MESSAGE
            if states.fail_queued(job_id, ErrorCode.TOOL_MISSING, message):
                publish_finished_soon(job_id)

    def find(self) -> list[Asked]:
        """Return those that nobody has; none while no worker lives."""
        workers, slugs = fleet(), dict(Tool.objects.values_list("id", "slug"))
        deployed = Job.objects.filter(WAITS, OF_RELEASE).order_by().values_list("tool", "release").distinct()
        asked = dict.fromkeys([*((tool_id, "") for tool_id in slugs), *deployed])
        before, self.looked_at = self.looked_at, time.monotonic()
        for tool_id, release in asked:
            is_there = any(worker.can_run(slugs.get(tool_id, ""), release) for worker in workers)
            if is_there or not workers or self.looked_at - before > MAX_GAP_SECONDS:
                self.last_there[tool_id, release] = self.looked_at
        self.last_there = {one: at for one, at in self.last_there.items() if one in asked}
        return [one for one in asked if self.seconds_away(one) >= PATIENCE.total_seconds()]

    def seconds_away(self, asked: Asked) -> float:
        return self.looked_at - self.last_there.setdefault(asked, self.looked_at)
