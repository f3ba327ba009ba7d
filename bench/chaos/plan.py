"""The plan of a run: its traffic and faults, and their time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Plan:
    """A plan. faults: the number of each kind, by the names in `faults.py`. seconds: the time over which all is spread.

    in_flight: jobs that were accepted and have not ended, at most. followed, canceled, doubled: shares of all jobs;
    restless: of the readers.
    redis_away: seconds for which Redis is away when it is stopped.
    """

    jobs: int
    seconds: float
    faults: Mapping[str, int] = field(default_factory=dict)
    workers: int = 3
    owners: int = 6
    in_flight: int = 48
    followed: float = 0.4
    restless: float = 0.5
    canceled: float = 0.15
    doubled: float = 0.05
    redis_away: float = 60.0
    seed: int = 0

    def scaled(self, factor: float) -> "Plan":
        """Multiply all numbers and the time by `factor`; of each kind of fault at least one stays."""
        faults = {kind: max(1, round(number * factor)) for kind, number in self.faults.items()}
        return replace(self, jobs=max(1, round(self.jobs * factor)), seconds=self.seconds * factor, faults=faults)

    def without(self, *kinds: str) -> "Plan":
        return replace(self, faults={kind: number for kind, number in self.faults.items() if kind not in kinds})


QUICK = Plan(
    jobs=300,
    seconds=42,
    faults={
        "worker_killed": 30,
        "worker_terminated": 2,
        "worker_frozen": 2,
        "redis_killed": 3,
        "redis_flushed": 1,
        "redis_stopped": 1,
        "connections_reset": 1,
        "connections_half_open": 1,
        "postgres_restarted": 1,
        "web_killed": 1,
        "web_killed_before_ring": 1,
    },
    workers=5,
    redis_away=3,
)

FULL = Plan(
    jobs=5000,
    seconds=1800,
    faults={
        "worker_killed": 300,
        "worker_terminated": 100,
        "worker_frozen": 20,
        "redis_killed": 30,
        "redis_flushed": 10,
        "redis_stopped": 2,
        "redis_frozen": 5,
        "redis_slow": 5,
        "connections_reset": 20,
        "connections_half_open": 10,
        "postgres_restarted": 20,
        "web_killed": 20,
        "web_killed_before_ring": 20,
    },
    workers=4,
)
