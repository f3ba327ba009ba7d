"""Checks the files in wheels: none is run by a Python at its start, and none leads out of its folder.

`gptstore check` tells authors beforehand, by the same names.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from gptstore.sdk.intake.files import fault_of
from worker.hosts.releases.errors import ReleaseError


def check_wheels(folder: Path) -> None:
    """Check all wheels of a folder, before anything is unpacked. Raises ReleaseError, which names wheel and file."""
    for wheel in sorted(path for path in folder.iterdir() if path.suffix.lower() == ".whl"):
        try:
            with ZipFile(wheel) as archive:
                entries = archive.infolist()
        except (OSError, BadZipFile) as error:
            raise ReleaseError(f"{wheel.name} cannot be read: {error}") from None
        for entry in entries:
            if fault := "is a link" if is_link(entry) else fault_of(entry.filename):
                raise ReleaseError(f"{wheel.name} holds {entry.filename!r}, which {fault}: releases may not have that")


def check_unpacked(library: Path) -> None:
    """Check a folder of packages once more: two readers of one archive may see two lists. Raises ReleaseError."""
    for path in files_below(library):
        name = path.relative_to(library).as_posix()
        if fault := "is a link" if path.is_symlink() else fault_of(name):
            raise ReleaseError(f"its wheels unpacked to {name!r}, which {fault}: releases may not have that")


def files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent) / name for name in [*folders, *files])


def is_link(entry: ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)
