"""The folder of one host on disk, which is locked as long as its worker lives, and the sweep of those that are not."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from threading import Lock

import structlog

from worker.hosts.sandbox.delete_folder import delete_folder
from worker.hosts.sandbox.disk_usage import bytes_below
from worker.hosts.sandbox.open_folder import open_folder

log = structlog.get_logger(__name__)

PREFIX = "gptstore-sandbox-"
MAX_NAME = 100
MAX_REASONS = 3
SWEEP_SECONDS = 60.0


class HostFolder:
    """A folder that its host's user cannot change, where the worker is root; in it are those that the user can."""

    def __init__(self, plugin: str, user: int | None) -> None:
        self.user = user
        self.held: int | None
        self.path, self.held = make_locked(f"{PREFIX}{plugin[:MAX_NAME]}-")
        if user is not None:
            self.path.chmod(0o711)
        self.used: set[str] = set()
        self.lock = Lock()

    def new(self) -> Path:
        """Make a folder for the host's user."""
        with self.lock:
            folder = Path(mkdtemp(dir=self.path))
            self.used.add(folder.name)
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        return folder

    def delete(self, folder: Path) -> None:
        """Delete a folder that was made here. What is left of it is logged, and is swept later."""
        problems = delete_folder(folder)
        with self.lock:
            self.used.discard(folder.name)
        if problems:
            log.warning("folder_not_deleted", folder=str(folder), left=len(problems), reasons=problems[:MAX_REASONS])

    def sweep(self) -> None:
        """Delete what nobody uses any more: what a host has left here, and what could not be deleted before."""
        left = []
        with self.lock, suppress(FileNotFoundError):  # its host was retired meanwhile
            left = [name for name in os.listdir(self.path) if name not in self.used]
        for name in left:
            self.delete(self.path / name)

    def bytes_beside_runs(self, own: Path, most: int) -> int:
        """Return the bytes in it, less those of runs: of its own folder, and of what it has put beside that."""
        with self.lock:
            runs = self.used - {own.name}
        return bytes_below(self.path, most, runs)

    def close(self) -> None:
        """Delete it, and give up the lock."""
        if problems := delete_folder(self.path):
            log.warning("folder_not_deleted", folder=str(self.path), left=len(problems), reasons=problems[:MAX_REASONS])
        with self.lock:
            held, self.held = self.held, None
        if held is not None:
            os.close(held)


def make_locked(prefix: str) -> tuple[Path, int]:
    """Return a new folder, and the descriptor that locks it until this process ends."""
    while True:
        path = Path(mkdtemp(prefix=prefix))
        with suppress(FileNotFoundError):  # another worker's sweep may come before the lock
            held = open_folder(str(path))
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(held)
                continue
            except OSError:
                return path, held  # a file system without locks, where nobody sweeps either
            if path.exists():
                return path, held
            os.close(held)


def lock_abandoned(path: Path) -> int | None:
    """Lock a folder whose worker is gone. Return the descriptor that holds the lock; None for any other folder."""
    with suppress(OSError):
        if path.lstat().st_uid != os.geteuid():
            return None
        held = open_folder(str(path))
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return held
        except OSError:
            os.close(held)
    return None


def sweep_abandoned() -> None:
    """Delete the folders of this user's workers that have ended without deleting them."""
    for path in Path(gettempdir()).glob(f"{PREFIX}*"):
        if (held := lock_abandoned(path)) is not None:
            problems = delete_folder(path, SWEEP_SECONDS)
            os.close(held)
            log.info("abandoned_folder_deleted", folder=str(path), left=len(problems), reasons=problems[:MAX_REASONS])
