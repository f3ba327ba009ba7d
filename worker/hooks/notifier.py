"""Notifies hooks of jobs that have ended, in a thread of its own, so that nobody waits for a slow hook."""

from collections.abc import Sequence
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from time import monotonic

import structlog

from worker.hooks.job_info import FinishedJob
from worker.hooks.loading import LoadedHook

MAX_WAITING = 1000
FAREWELL_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Notifier:
    """The thread that notifies hooks. `put` may be called from any thread and never waits."""

    def __init__(self, hooks: Sequence[LoadedHook]) -> None:
        self.hooks = hooks
        self.waiting: Queue[FinishedJob | None] = Queue(MAX_WAITING)
        self.thread: Thread | None = None
        self.lock = Lock()

    def put(self, job: FinishedJob) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = Thread(target=self.run, name="notifier", daemon=True)
                self.thread.start()
        try:
            self.waiting.put_nowait(job)
        except Full:
            log.warning("notification_failed", job=job.id, waiting=MAX_WAITING)

    def run(self) -> None:
        while (job := self.waiting.get()) is not None:
            for hook in self.hooks:
                notify_one(hook, job)

    def close(self, seconds: float = FAREWELL_SECONDS) -> None:
        """Wait until every hook has been notified, but not longer than this."""
        if self.thread is None:
            return
        latest = monotonic() + seconds
        with suppress(Full):
            self.waiting.put(None, timeout=seconds)
        self.thread.join(max(0.0, latest - monotonic()))


def notify_one(hook: LoadedHook, job: FinishedJob) -> None:
    try:
        hook.calls.gptstore_job_finished(job=job)
    except BaseException:  # also SystemExit, which would end the thread
        log.exception("hook_failed", hook=hook.name, job=job.id, tool=job.tool)
