"""The bundles that were fetched to this machine, each in a folder named by the SHA-256 of its file.

Workers of one machine share them. A folder appears by one renaming, so that whoever looks sees a whole bundle or none.
"""

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from worker.hosts.releases.environment_locks import hold, locked_folder
from worker.hosts.releases.errors import ReleaseError

FILE = "bundle.gptx"
CHUNK = 1 << 20
ATTEMPTS = 3

OpenSource = Callable[[], AbstractContextManager[BinaryIO]]


def fetch(digest: str, size: int, source: OpenSource, place: Path) -> Path:
    """Return the folder of the bundle with this SHA-256: what is there, or else fetched now. Raises ReleaseError.

    It is in use until this process ends or gives it back. What is there is not compared with its hash again.
    """
    folder = place / digest
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    for _ in range(ATTEMPTS):
        if hold(folder):
            return folder
        check_room(size, place)
        with locked_folder(place, ".fetching-") as made:
            copy(digest, size, source, made / FILE)
            try:
                made.rename(folder)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):  # somebody else was quicker
                    raise
    raise ReleaseError(f"it could not be put at {folder}")


def check_room(size: int, place: Path) -> None:
    """Check that there is room for a bundle of this size, and for an environment of as much. Raises ReleaseError."""
    if not has_room(size, place):
        free = shutil.disk_usage(place).free
        raise ReleaseError(f"it needs {2 * size / 1e6:,.0f} MB in {place}, where {free / 1e6:,.0f} MB are free")


def has_room(size: int, place: Path) -> bool:
    return shutil.disk_usage(place).free > 2 * size


def copy(digest: str, size: int, source: OpenSource, target: Path) -> None:
    """Copy a bundle, no more than its size, and compare its hash. Raises ReleaseError."""
    found, copied = sha256(), 0
    with source() as file, target.open("xb") as written:
        while copied <= size and (chunk := file.read(CHUNK)):
            found.update(chunk)
            written.write(chunk)
            copied += len(chunk)
        written.flush()
        os.fsync(written.fileno())
    if copied != size or found.hexdigest() != digest:
        raise ReleaseError(f"the file in the storage is not what was approved, whose SHA-256 is {digest}")


def check_file(file: BinaryIO, folder: Path) -> None:
    """Compare the file of a fetched bundle with the SHA-256 that names its folder. Raises ReleaseError."""
    found = sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        found.update(chunk)
    if found.hexdigest() != folder.name:
        raise ReleaseError(
            f"its bundle on this worker's disk was damaged or changed. Delete {folder} there, and it is fetched anew"
        )
