"""Keeps the hosts of some releases warm: those that are used, as many as the operator and the memory allow."""

from gptstore.jobs.release_usage import most_used_releases
from worker.hosts.sandbox.hosts import Hosts
from worker.process.memory import available_bytes

MIN_AVAILABLE = 1 << 30
"""The bytes of memory that have to be available for more than a few hosts."""

MAX_WARM_WHEN_SHORT = 4


class Warmup:
    """The warm hosts of a worker. most: how many hosts of releases run at a time, unless more have runs.

    A restart makes none of them run. What is used most is started afterwards, one after the other.
    """

    def __init__(self, hosts: Hosts, most: int) -> None:
        self.hosts = hosts
        self.most = most
        self.waiting: list[str] | None = None

    def step(self, *, is_quiet: bool) -> None:
        """End what is idle, and start what is used. is_quiet: whether all that is wanted is there.

        Raises DatabaseError.
        """
        is_short = available_bytes() < MIN_AVAILABLE
        self.hosts.end_idle(min(self.most, MAX_WARM_WHEN_SHORT) if is_short else self.most)
        if not is_quiet:
            return
        if self.waiting is None:
            self.waiting = most_used_releases()[: self.most]
        if self.waiting and not is_short and self.hosts.wake(self.waiting[0], self.most):
            del self.waiting[0]
