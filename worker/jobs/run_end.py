"""The end of a run: its one reason, which is the first, and its deadline."""

from enum import Enum
from math import inf
from threading import Lock
from time import monotonic

from gptstore.sdk import Canceled
from worker.hosts.limit import Limit

GRACE_SECONDS = 0.9
"""The time that a stopped tool has to clean up, before its job ends without it."""


class EndReason(Enum):
    """The reason why a run ends. Nobody waits for the tool after FINISHED or JOB_LOST, or while its job is requeued."""

    FINISHED = "its tool came to an end"
    CANCELED = "its job was canceled"
    LIMIT = "it took more than it may"
    WORKER_CLOSING = "its worker is closing"
    ENGINE_DIED = "the engine died"
    HOST_LOST = "the process of its tool was lost"
    TOOL_GONE = "its worker had the tool no more when it was to begin"
    JOB_LOST = "its job is another run's, or has ended without it"


REQUEUES = frozenset({EndReason.WORKER_CLOSING, EndReason.ENGINE_DIED, EndReason.HOST_LOST, EndReason.TOOL_GONE})
"""The reasons after which the job is requeued for another run."""

DIED = frozenset({EndReason.ENGINE_DIED, EndReason.HOST_LOST})
"""The reasons that mean that what ran the job died, perhaps because of the job."""


class RunEnd:
    """The end of one run, which any thread may cause. `reason` stays None while the run goes on."""

    def __init__(self, time: Limit) -> None:
        self.time = time
        self.deadline = monotonic() + time.most
        self.patience_ends = inf
        self.reason: EndReason | None = None
        self.limit: Limit | None = None
        self.lock = Lock()

    @property
    def is_stop(self) -> bool:
        """Return whether the tool is to stop before it comes to an end by itself."""
        return self.reason not in (None, EndReason.FINISHED)

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the run times out; 0 once it is late."""
        return max(0.0, self.deadline - monotonic())

    def set(self, reason: EndReason, limit: Limit | None = None) -> None:
        """Set the reason, unless there is one already. JOB_LOST replaces every other.

        limit: the one that was exceeded, with EndReason.LIMIT.
        """
        with self.lock:
            if self.reason is None or reason is EndReason.JOB_LOST:
                self._note(reason, limit)

    def time_out(self) -> None:
        """End a run past its deadline, also one whose job would be requeued."""
        with self.lock:
            if (self.reason is None or self.reason in REQUEUES) and monotonic() >= self.deadline:
                self._note(EndReason.LIMIT, self.time)

    def _note(self, reason: EndReason, limit: Limit | None) -> None:
        self.reason = reason
        self.limit = limit
        self.patience_ends = min(self.patience_ends, monotonic() + GRACE_SECONDS)

    @property
    def due_at(self) -> float:
        """Return when to look at the run again (monotonic clock): at its deadline; once stopped, after the grace."""
        if self.reason is None:
            return self.deadline
        return self.patience_ends if self.reason in (EndReason.CANCELED, EndReason.LIMIT) else inf

    @property
    def is_stuck(self) -> bool:
        """Return whether the tool goes on although it was stopped GRACE_SECONDS ago."""
        return self.is_stop and monotonic() >= self.due_at

    def raise_if_stopped(self) -> None:
        if self.is_stop:
            raise Canceled
