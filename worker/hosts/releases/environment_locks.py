"""Locks on the environments of releases, so that those of releases that are gone can be deleted.

Several workers share the folder with the environments. Each holds a lock on those that it runs with, until it ends or
gives them back.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

held: dict[Path, int] = {}
"""The descriptors of the environments that this process holds."""


def hold(environment: Path) -> bool:
    """Lock the environment for use until this process ends. Return False when it was deleted just now."""
    if environment in held and is_still_there(environment, held[environment]):
        return True
    try:
        descriptor = os.open(environment, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    with suppress(OSError):  # a file system without locks, where nobody can delete it either
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    if not is_still_there(environment, descriptor):
        os.close(descriptor)
        return False
    with suppress(OSError):  # another user's
        os.utime(environment)
    give_back(environment)
    held[environment] = descriptor
    return True


def give_back(environment: Path) -> None:
    if (descriptor := held.pop(environment, None)) is not None:
        os.close(descriptor)


def give_back_all_but(used: Container[Path]) -> None:
    """Give back the locks on environments that this process does not use any more."""
    for environment in [one for one in held if one not in used]:
        give_back(environment)


def is_still_there(environment: Path, descriptor: int) -> bool:
    """Return whether the name leads to the folder that was opened."""
    try:
        return os.path.samestat(os.fstat(descriptor), environment.stat())
    except FileNotFoundError:
        return False


@contextmanager
def locked_folder(place: Path, prefix: str) -> Iterator[Path]:
    """Make a folder that is locked until it is deleted or renamed: of a worker that is killed, it is swept at once."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # a sweep may come before the lock, and even before this
            continue
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        if is_still_there(path, descriptor):
            break
        os.close(descriptor)
    try:
        path.chmod(0o755)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)
