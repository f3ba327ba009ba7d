"""When the workers' places get free, if nothing new came and each run took as long as runs of its tool lately did."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import heapify, heapreplace
from math import inf

from gptstore.jobs.workers import WorkerInfo

MIN_REST_SECONDS = 1.0
"""Of a run that takes longer than others did."""


@dataclass(frozen=True)
class Running:
    """A job that runs, for how long, and where."""

    owner_id: int
    tool_id: int
    worker: str
    seconds: float


class Places:
    """pace: seconds of a run of each tool (ids). One without takes as long as those with one, or for ever."""

    def __init__(self, workers: Iterable[WorkerInfo], running: Collection[Running], pace: dict[int, float]) -> None:
        self.pace = pace
        self.usual = sum(pace.values()) / len(pace) if pace else inf
        self.free_at: dict[str, list[float]] = {}
        for worker in workers:
            rests = [self.rest(run) for run in running if run.worker == worker.name][: worker.slots]
            self.free_at[worker.name] = [0.0] * (worker.slots - len(rests)) + rests
            heapify(self.free_at[worker.name])

    def rest(self, run: Running) -> float:
        return max(self.seconds(run.tool_id) - run.seconds, MIN_REST_SECONDS)

    def seconds(self, tool: int) -> float:
        return self.pace.get(tool, self.usual)

    def first_free(self, workers: Collection[str]) -> float:
        """Seconds until one of these workers has a place."""
        return min(self.free_at[name][0] for name in workers)

    def take(self, workers: Collection[str], tool: int) -> float:
        """Give a run the first place that gets free at one of these workers. Seconds until it starts."""
        name = min(workers, key=lambda name: self.free_at[name][0])
        start = self.free_at[name][0]
        heapreplace(self.free_at[name], start + self.seconds(tool))
        return start
