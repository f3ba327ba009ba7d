"""Deletes the environments of releases that are gone. Those that a worker holds stay: see `environment_locks`."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

import structlog

log = structlog.get_logger(__name__)

UNUSED_SECONDS = 24 * 3600


def delete_unused(place: Path) -> None:
    """Delete environments that nobody uses and nobody locked for a day, unfinished ones of killed workers too."""
    for folder in [*place.iterdir()] if place.is_dir() else []:
        try:
            with lock_alone(folder):
                if time() - folder.stat().st_mtime > UNUSED_SECONDS:
                    delete(folder)
        except OSError:
            continue  # it is in use, or another user's


def delete_unfinished(place: Path) -> None:
    """Delete what workers that were killed have begun in `locked_folder`."""
    for folder in [*place.glob(".*-*")] if place.is_dir() else []:
        try:
            if folder.is_dir():
                with lock_alone(folder):
                    delete(folder)
        except OSError:
            continue  # it is in the making, or another user's


@contextmanager
def lock_alone(folder: Path) -> Iterator[None]:
    """Lock the folder exclusively. Raises OSError when somebody uses it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def delete(folder: Path) -> None:
    """Rename the folder first, so that nobody finds the half of one, then delete it. Raises OSError."""
    gone = folder if folder.name.startswith(".gone-") else folder.rename(folder.with_name(f".gone-{folder.name}"))
    shutil.rmtree(gone, ignore_errors=True)
    log.info("environment_deleted", environment=folder.name)
