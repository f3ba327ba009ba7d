"""Counts the bytes that a plugin keeps on disk, as far as its worker can see them."""

import os
import stat
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from worker.hosts.sandbox.open_folder import open_folder

BLOCK = 512
ENTRY_BYTES = 4096
"""Bytes that a file or a folder counts at least, so that their number is bounded too."""

MAX_DEPTH = 100
"""Folders within each other that are looked into. More of them count as too much: a path of theirs is hardly usable."""


def bytes_below(path: Path, most: int, skipped: Container[str] = ()) -> int:
    """Return the bytes of all that is in a folder; more than `most`, and not all, when there are more than that.

    skipped: names in it that do not count.
    """
    return Count(most, skipped).run(path)


class Count:
    """One count, which holds a descriptor for each folder on its way: so nothing can be moved out of its sight."""

    def __init__(self, most: int, skipped: Container[str] = ()) -> None:
        self.most = most
        self.skipped = skipped
        self.total = 0
        self.linked: set[int] = set()

    def run(self, path: Path) -> int:
        way: list[tuple[int, list[str]]] = []
        try:
            self.enter(str(path), None, way)
            while way and self.total <= self.most:
                folder, names = way[-1]
                if names:
                    self.enter(names.pop(), folder, way)
                else:
                    way.pop()
                    os.close(folder)
        finally:
            for folder, _ in way:
                os.close(folder)
        return self.total

    def enter(self, name: str, parent: int | None, way: list[tuple[int, list[str]]]) -> None:
        """Count the entries of a folder, if it is still there, and note which of them are folders."""
        if len(way) > MAX_DEPTH:
            self.total += self.most + 1
            return
        try:
            folder = open_folder(name, parent)
        except OSError:
            return
        way.append((folder, []))
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if (parent is not None or entry.name not in self.skipped) and self.add(entry):
                    way[-1][1].append(entry.name)
                if self.total > self.most:
                    break

    def add(self, entry: os.DirEntry[str]) -> bool:
        """Count one entry. Return whether it is a folder."""
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        is_folder = stat.S_ISDIR(found.st_mode)
        if is_folder or found.st_nlink == 1 or found.st_ino not in self.linked:
            self.total += max(ENTRY_BYTES, found.st_blocks * BLOCK)
        if not is_folder and found.st_nlink > 1:
            self.linked.add(found.st_ino)
        return is_folder


def deleted_files(pid: int) -> dict[tuple[int, int], int]:
    """Return the bytes of files that a process has open and that are in no folder any more, by device and number.

    Nothing of a process that this one may not look into. Files that are only mapped, or on their way in a socket, are
    not seen.
    """
    found = {}
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                file = os.stat(f"{folder}/{name}")
                if stat.S_ISREG(file.st_mode) and file.st_nlink == 0 and not is_memory(f"{folder}/{name}"):
                    found[file.st_dev, file.st_ino] = file.st_blocks * BLOCK
    return found


def is_memory(path: str) -> bool:
    return os.readlink(path).startswith("/memfd:")
