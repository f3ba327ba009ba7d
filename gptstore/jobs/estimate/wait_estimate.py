"""What a person who waits is told: how many runs come first, and when theirs is likely to start."""

import time
from dataclasses import dataclass
from math import isfinite
from threading import Lock

from django.utils import timezone

from gptstore.catalog.models import Tool
from gptstore.jobs.estimate.durations import recent_seconds
from gptstore.jobs.estimate.queue_positions import Line, read_line
from gptstore.jobs.estimate.slots import Places, Running
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import fleet

FRESH_SECONDS = 1.0
MAX_SHARE = 1 / 20


@dataclass(frozen=True)
class Expectation:
    """`position`: 1 is next. `seconds` until it starts: 0 when a place is free. None is what is not known.

    workers: whether any lives; able: whether one of them has the tool.
    """

    position: int | None
    seconds: float | None
    workers: bool
    able: bool


@dataclass(frozen=True)
class Outlook:
    """The queue and the fleet at one moment, and the jobs that came since and were asked for.

    able: names of the workers that have each tool (ids). starts: seconds until the job at each position starts, None
    where no worker can run it. places: as they are after that.
    """

    line: Line
    able: dict[int, list[str]]
    starts: list[float | None]
    places: Places

    def expect(self, job: Job) -> Expectation:
        """Of a queued job."""
        able = self.able.get(job.tool_id, [])
        if self.line.add(job):
            self.starts.append(self.places.take(able, job.tool_id) if able else None)
        position = self.line.position(job)
        seconds = self.seconds_until(position, able) if position and able else None
        return Expectation(position, seconds, workers=bool(self.places.free_at), able=bool(able))

    def seconds_until(self, position: int, able: list[str]) -> float | None:
        start = self.starts[position - 1]
        if start is None:
            start = self.places.first_free(able)
        return start if isfinite(start) else None


def look() -> Outlook:
    workers, running = fleet(), list_running()
    line = read_line(run.owner_id for run in running)
    able = {
        tool_id: [worker.name for worker in workers if slug in worker.tools]
        for tool_id, slug in Tool.objects.values_list("id", "slug")
    }
    pace = recent_seconds({job.tool_id for job in line.jobs} | {run.tool_id for run in running})
    places = Places(workers, running, pace)
    starts = [places.take(able[job.tool_id], job.tool_id) if able[job.tool_id] else None for job in line.jobs]
    return Outlook(line, able, starts, places)


def list_running() -> list[Running]:
    now = timezone.now()
    jobs = Job.objects.filter(status=Status.RUNNING).order_by()
    return [
        Running(owner_id, tool_id, worker, (now - start).total_seconds() if start else 0.0)
        for owner_id, tool_id, worker, start in jobs.values_list("owner_id", "tool_id", "worker", "started_at")
    ]


class Lookout:
    """Looks for all who ask in this process, so that many pages that ask cost what one does.

    What it saw is good for `FRESH_SECONDS`, and for longer when the queue is so long that looking would take more than
    `MAX_SHARE` of the time.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.seen: Outlook | None = None
        self.good_until = 0.0

    def expect(self, job: Job) -> Expectation | None:
        """None for a job that is not queued."""
        if job.status != Status.QUEUED:
            return None
        with self.lock:
            return self.outlook().expect(job)

    def outlook(self) -> Outlook:
        begun = time.monotonic()
        if self.seen is None or begun >= self.good_until:
            self.seen = look()
            end = time.monotonic()
            self.good_until = end + max(FRESH_SECONDS, (end - begun) / MAX_SHARE)
        return self.seen

    def forget(self) -> None:
        self.seen = None


lookout = Lookout()
