"""Sweeps folders that nobody uses: those of workers that were killed, and what could not be deleted at once."""

from collections.abc import Callable, Sequence
from threading import Event, Thread

import structlog

from worker.hosts.sandbox.host_folder import HostFolder, sweep_abandoned

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 60.0


class FolderSweep(Thread):
    """A thread, so that no run and no start waits for what others have left."""

    def __init__(self, folders: Callable[[], Sequence[HostFolder]]) -> None:
        super().__init__(name="folder sweep", daemon=True)
        self.folders = folders
        self.closed = Event()

    def run(self) -> None:
        self.sweep(sweep_abandoned)
        while not self.closed.wait(PAUSE_SECONDS):
            for folder in self.folders():
                self.sweep(folder.sweep)

    def sweep(self, one: Callable[[], None]) -> None:
        try:
            one()
        except Exception:
            log.exception("folder_sweep_failed")

    def close(self) -> None:
        self.closed.set()
