"""Replaces the file system that a process sees by one that holds only given paths: bind mounts (mount(2)).

Whatever else there is cannot be opened, listed, looked at or changed, whoever owns it. Needs a mount namespace.
"""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gptstore.sdk.host.seal import check, libc

BASE = Path("/proc")
"""The place of the new root until it is the root: a folder of every Linux, of which nothing is shown."""

MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 1 << 1, 1 << 2, 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2
MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
RDONLY, NOSUID = 0x1, 0x2
OF_FOLDERS = b"mode=755,size=1m,nr_inodes=4k"
MAX_LINKS = 40


class Attributes(ctypes.Structure):
    """`struct mount_attr`."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def show_only(read: Iterable[str], write: Iterable[str]) -> None:
    """Show these paths, and make all but `write` read-only; leave out those that are not there. Raises OSError."""
    mount(None, "/", MS_REC | MS_PRIVATE)  # the machine learns of none of these mounts
    mount("tmpfs", str(BASE), MS_NOSUID | MS_NODEV, b"tmpfs", OF_FOLDERS)
    view = NewRoot(BASE)
    for path in sorted(read):
        view.show(path, writable=False)
    for path in write:
        view.show(path, writable=True)
    enter(BASE)
    make_read_only(Path("/"))


class NewRoot:
    """A root that is being filled. shown: the folders and files in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shown: set[Path] = set()

    def show(self, path: str, *, writable: bool) -> None:
        place = self.follow(Path(path))
        if place is None or (not writable and self.has(place)):
            return
        target = self.at(place)
        if place.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.touch(exist_ok=True)
        mount(str(place), str(target), MS_BIND if writable else MS_BIND | MS_REC)
        if not writable:
            make_read_only(target, deep=True)
        self.shown.add(place)

    def follow(self, path: Path) -> Path | None:
        """Make the folders and links that lead to a path. Return where they lead; None when nothing is there."""
        for _ in range(MAX_LINKS):
            link = next((part for part in reversed([path, *path.parents]) if part.is_symlink()), None)
            self.make_folders((link or path).parent)
            if link is None:
                return path if path.exists() else None
            target = os.readlink(link)
            with suppress(FileExistsError):
                self.at(link).symlink_to(target)
            path = Path(os.path.normpath(link.parent / target / path.relative_to(link)))
        return None

    def make_folders(self, folder: Path) -> None:
        if not self.has(folder):
            self.at(folder).mkdir(parents=True, exist_ok=True)

    def has(self, path: Path) -> bool:
        return not self.shown.isdisjoint([path, *path.parents])

    def at(self, path: Path) -> Path:
        return self.root / path.relative_to("/")


def enter(root: Path) -> None:
    """Make a mounted folder the root of this process, and leave the old root."""
    os.chdir(root)
    check(libc.pivot_root(b".", b"."))
    check(libc.umount2(b".", MNT_DETACH))
    os.chdir("/")


def mount(source: str | None, target: str, flags: int, kind: bytes | None = None, options: bytes | None = None) -> None:
    given = None if source is None else os.fsencode(source)
    check(libc.mount(given, os.fsencode(target), kind, ctypes.c_ulong(flags), options))


def make_read_only(target: Path, *, deep: bool = False) -> None:
    """Make a mount read-only, with those beneath it if `deep`."""
    attributes = Attributes(RDONLY | NOSUID)
    flags = AT_RECURSIVE if deep else 0
    size = ctypes.sizeof(attributes)
    check(libc.syscall(MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, ctypes.byref(attributes), size))
