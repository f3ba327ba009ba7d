"""Keeps the versions that an upgrade replaces until it is sure, and rolls back an upgrade that was cut off.

They lie in a folder of the releases whose name begins with a dot, and whoever replaces them holds a lock on it. What
nobody holds was left by a command that was killed: the next command rolls it back, or a worker.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

KEPT, DRAFT, GONE = ".kept-", ".new-", ".gone-"


@dataclass(frozen=True)
class Kept:
    """The versions that one upgrade replaces. place: where they lie. new: the release that takes their place."""

    place: Path
    new: Path
    lock: int | None

    @property
    def versions(self) -> list[Path]:
        """Return them in the order in which they are put back: last the one that has the name of the new release."""
        return sorted(self.place.iterdir(), key=lambda one: (one.name == self.new.name, one.name))

    def roll_back(self) -> list[Path]:
        """Put them back in place of the new release. Raises OSError. Cut off, the same again goes on with it."""
        try:
            versions = self.versions
            if versions and self.new.exists():
                remove(self.new)
            back = [one.rename(self.new.with_name(one.name)) for one in versions]
            self.place.rmdir()
        finally:
            self.close()
        return back

    def forget(self) -> None:
        """Delete them: the upgrade is sure. Raises OSError."""
        try:
            remove(self.place)
        finally:
            self.close()

    def close(self) -> None:
        if self.lock is not None:
            os.close(self.lock)


def keep(new: Path, versions: Iterable[Path]) -> Kept:
    """Take these releases away, so that another one can take their place. Raises OSError, and leaves them then."""
    draft = new.with_name(f"{DRAFT}{new.name}-{uuid4().hex[:8]}")
    draft.mkdir(mode=0o755)
    lock = lock_folder(draft)
    kept = Kept(draft.rename(draft.with_name(KEPT + draft.name.removeprefix(DRAFT))), new, lock)
    try:
        for one in versions:
            one.rename(kept.place / one.name)
    except BaseException:
        kept.roll_back()
        raise
    return kept


def roll_back_cut_off(releases: Path) -> list[Path]:
    """Roll back the upgrades whose commands were killed, and return the releases that are back. Raises OSError."""
    back: list[Path] = []
    for place in sorted(releases.glob(f"{KEPT}*")):
        if (lock := lock_folder(place)) is None:
            continue
        kept = Kept(place, place.with_name(place.name.removeprefix(KEPT).rpartition("-")[0]), lock)
        back += kept.roll_back()
    return back


def find_kept(releases: Path) -> list[Path]:
    """Return the versions that running upgrades replace."""
    return [one for place in releases.glob(f"{KEPT}*") for one in place.iterdir()]


def remove(folder: Path) -> None:
    """Rename a folder before it is deleted, so that nobody finds the half of one. Raises OSError."""
    gone = folder.rename(folder.with_name(f"{GONE}{folder.name.lstrip('.')}-{uuid4().hex[:8]}"))
    shutil.rmtree(gone, ignore_errors=True)


def lock_folder(folder: Path) -> int | None:
    """Lock a folder until its descriptor, which is returned, is closed.

    None where somebody else holds it or moved it, and where there are no such locks: nothing is rolled back there.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = None
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):
            return descriptor
    if descriptor is not None:
        os.close(descriptor)
    return None
