"""Watches what runs and hosts keep on disk, where no quota of a file system does that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

import structlog

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.1
MAX_SHARE = 0.2
"""The share of time that looks at one folder may take: a folder with many entries is looked at less often."""


class Watched:
    """One folder. count: returns its bytes. exceed: is called, once, when these are more than `most`."""

    def __init__(self, count: Callable[[], int], most: int, exceed: Callable[[], None]) -> None:
        self.count = count
        self.most = most
        self.exceed = exceed
        self.due_at = 0.0
        self.is_over = False

    def look(self) -> None:
        begun_at = monotonic()
        if begun_at < self.due_at or self.is_over:
            return
        if self.count() > self.most:
            self.is_over = True
            self.exceed()
        self.due_at = monotonic() + (monotonic() - begun_at) / MAX_SHARE


class DiskWatch(Thread):
    """One thread for all folders of a sandbox."""

    def __init__(self) -> None:
        super().__init__(name="disk watch", daemon=True)
        self.watched: list[Watched] = []
        self.closed = Event()

    @contextmanager
    def watching(self, count: Callable[[], int], most: int, exceed: Callable[[], None]) -> Iterator[None]:
        watched = Watched(count, most, exceed)
        self.watched.append(watched)
        try:
            yield
        finally:
            self.watched.remove(watched)

    def run(self) -> None:
        while not self.closed.wait(LOOK_SECONDS):
            for watched in [*self.watched]:
                try:
                    watched.look()
                except Exception:
                    log.exception("disk_watch_failed")

    def close(self) -> None:
        self.closed.set()
