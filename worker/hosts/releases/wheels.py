"""Checks the names of the files in wheels: none is run by a Python at its start, and none leads out of its folder.

Hosts start without `site`, which would run such files, and nothing else runs a release's environment. So this is the
second wall; it says to the author what would be missing there.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from worker.hosts.releases.errors import ReleaseError

CUSTOMIZE = {"sitecustomize", "usercustomize"}
PACKAGE_FOLDERS = {"site-packages", "dist-packages"}


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


def fault_of(name: str) -> str:
    """Return why no release may have a file of this name, "" when it may."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or "\\" in name or ".." in parts:
        return "leads out of its folder"
    if len(parts) > 1 and parts[0].lower().endswith(".data"):
        scheme, *parts = parts[1:]
        if scheme.lower() == "scripts":
            return "is a program for the environment's `bin`"
    while PACKAGE_FOLDERS & {*parts}:
        parts.pop(0)
    if len(parts) == 1 and parts[0].lower().endswith(".pth"):
        return "each Python runs at its start"
    if parts and parts[0].partition(".")[0].lower() in CUSTOMIZE:
        return "each Python imports at its start"
    return ""
