"""Estimates a queued job's wait: the number of jobs ahead, and the seconds until it is likely to start.

The estimate plays the queue forward: the jobs start in the order of `queue_positions`, each in the first slot of a
worker that has its tool, and take as long as runs of that tool took lately.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from heapq import heapify, heapreplace
from math import inf, isfinite
from statistics import fmean
from threading import Lock

from django.db.models.functions import Now
from django.utils import timezone

from gptstore.catalog.models import Tool
from gptstore.jobs.estimate.queue_positions import QueuePositions, read_positions
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo, fleet

RECENT = timedelta(days=1)
MAX_RUNS = 30
MIN_REST_SECONDS = 1.0
"""The time that is left to a run that already takes longer than others did."""
FRESH_SECONDS = 1.0
MAX_SHARE = 1 / 20


@dataclass(frozen=True)
class Expectation:
    """The estimate. `position`: 1 is next. `seconds` until it starts: 0 when a slot is free. Both None when unknown.

    workers: whether any lives; able: whether one of them has the tool.
    """

    position: int | None
    seconds: float | None
    workers: bool
    able: bool


@dataclass(frozen=True)
class Running:
    """A running job: its owner and tool, its worker, and the seconds for which it runs."""

    owner_id: int
    tool_id: int
    worker: str
    seconds: float


class Slots:
    """The workers' slots, and the seconds until each gets free. Those of a drained worker never do.

    durations: mean seconds of a run of each tool (ids). A tool without one takes the mean of the others, or for ever.
    """

    def __init__(
        self, workers: Iterable[WorkerInfo], running: Collection[Running], durations: dict[int, float]
    ) -> None:
        self.durations = durations
        self.usual = sum(durations.values()) / len(durations) if durations else inf
        self.free_at: dict[str, list[float]] = {}
        for worker in workers:
            rests = [self.rest(run) for run in running if run.worker == worker.name][: worker.slots]
            free = [0.0] * (worker.slots - len(rests)) + rests
            self.free_at[worker.name] = [inf] * worker.slots if worker.drained_at else free
            heapify(self.free_at[worker.name])

    def rest(self, run: Running) -> float:
        return max(self.duration(run.tool_id) - run.seconds, MIN_REST_SECONDS)

    def duration(self, tool: int) -> float:
        return self.durations.get(tool, self.usual)

    def first_free(self, workers: Collection[str]) -> float:
        """Return the seconds until one of these workers has a free slot."""
        return min(self.free_at[name][0] for name in workers)

    def take(self, workers: Collection[str], tool: int) -> float:
        """Give a run the first slot that gets free on one of these workers. Return the seconds until it starts."""
        name = min(workers, key=lambda name: self.free_at[name][0])
        start = self.free_at[name][0]
        heapreplace(self.free_at[name], start + self.duration(tool))
        return start


@dataclass(frozen=True)
class QueueSnapshot:
    """The queue and the fleet at one moment, and jobs that came since and were looked up.

    able: names of the workers that have each tool (ids). starts: seconds until the job at each position starts, None
    where no worker can run it. slots: as they are after that.
    """

    positions: QueuePositions
    able: dict[int, list[str]]
    starts: list[float | None]
    slots: Slots

    def expect(self, job: Job) -> Expectation:
        """Return the expected start of a queued job."""
        able = self.able.get(job.tool_id, [])
        if self.positions.add(job):
            self.starts.append(self.slots.take(able, job.tool_id) if able else None)
        position = self.positions.position(job)
        seconds = self.seconds_until(position, able) if position and able else None
        return Expectation(position, seconds, workers=bool(self.slots.free_at), able=bool(able))

    def seconds_until(self, position: int, able: list[str]) -> float | None:
        start = self.starts[position - 1]
        if start is None:
            start = self.slots.first_free(able)
        return start if isfinite(start) else None


class Estimator:
    """Takes one snapshot for every caller in this process, so that many open pages cost what one does.

    A snapshot is good for `FRESH_SECONDS`, and for longer when the queue is so long that taking it would need more than
    `MAX_SHARE` of the time.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.latest: QueueSnapshot | None = None
        self.good_until = 0.0

    def expect(self, job: Job) -> Expectation | None:
        """Return the expected start of a job; None when it is not queued."""
        if job.status != Status.QUEUED:
            return None
        with self.lock:
            return self.snapshot().expect(job)

    def snapshot(self) -> QueueSnapshot:
        begun = time.monotonic()
        if self.latest is None or begun >= self.good_until:
            self.latest = take_snapshot()
            end = time.monotonic()
            self.good_until = end + max(FRESH_SECONDS, (end - begun) / MAX_SHARE)
        return self.latest

    def forget(self) -> None:
        """Drop the snapshot, so that the next call takes a new one."""
        self.latest = None


estimator = Estimator()


def take_snapshot() -> QueueSnapshot:
    workers, running = fleet(), list_running()
    positions = read_positions(run.owner_id for run in running)
    able = {
        tool_id: [worker.name for worker in workers if slug in worker.tools]
        for tool_id, slug in Tool.objects.values_list("id", "slug")
    }
    durations = recent_durations({job.tool_id for job in positions.jobs} | {run.tool_id for run in running})
    slots = Slots(workers, running, durations)
    starts = [slots.take(able[job.tool_id], job.tool_id) if able[job.tool_id] else None for job in positions.jobs]
    return QueueSnapshot(positions, able, starts, slots)


def list_running() -> list[Running]:
    now = timezone.now()
    jobs = Job.objects.filter(status=Status.RUNNING).order_by()
    return [
        Running(owner_id, tool_id, worker, (now - start).total_seconds() if start else 0.0)
        for owner_id, tool_id, worker, start in jobs.values_list("owner_id", "tool_id", "worker", "started_at")
    ]


def recent_durations(tools: Iterable[int]) -> dict[int, float]:
    """Return the mean seconds of each tool's last runs (by ids), without the tools that did not run lately."""
    means = {tool: recent_duration(tool) for tool in tools}
    return {tool: mean for tool, mean in means.items() if mean is not None}


def recent_duration(tool: int) -> float | None:
    ended = Job.objects.filter(tool=tool, completed_at__gt=Now() - RECENT).order_by("-completed_at")
    times = ended.values_list("started_at", "completed_at")[:MAX_RUNS]
    seconds = [(end - start).total_seconds() for start, end in times if start and end]
    return fmean(seconds) if seconds else None
