"""Deletes a folder with all that is in it, whatever a plugin has made of it.

Each folder in it is moved up to the top before it is emptied. So no path gets too long, no depth needs more than two
descriptors, and nothing is recursive. Links are never followed.
"""

import os
from pathlib import Path
from secrets import token_hex
from time import monotonic

from worker.hosts.sandbox.open_folder import give_access, open_folder

MAX_SECONDS = 5.0
MAX_PASSES = 5
"""Times that the top is listed: a process that survives may go on to make files."""


def delete_folder(path: Path, seconds: float = MAX_SECONDS) -> list[str]:
    """Delete the folder. Return why something is left of it, one reason an entry; [] when nothing is."""
    try:
        top = open_folder(str(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        return [describe(path.name, error)]
    try:
        problems = Deletion(top, seconds).run()
    finally:
        os.close(top)
    try:
        path.rmdir()
    except FileNotFoundError:
        return []
    except OSError as error:
        return problems or [describe(path.name, error)]
    return []


def describe(name: str, error: OSError) -> str:
    return f"{name!a}: {error.strerror}"


class Deletion:
    """The deletion of all that is in the folder `top`, a descriptor."""

    def __init__(self, top: int, seconds: float) -> None:
        self.top = top
        self.ends_at = monotonic() + seconds
        self.seconds = seconds
        self.problems: list[str] = []

    @property
    def is_late(self) -> bool:
        return monotonic() > self.ends_at

    def run(self) -> list[str]:
        """Return what could not be deleted, and why."""
        for _ in range(MAX_PASSES):
            if not (names := os.listdir(self.top)):
                return []
            self.problems = []
            while names and not self.is_late:
                names += self.remove(names.pop())
        return [*self.problems, f"not done within {self.seconds:g} s"] if self.is_late else self.problems

    def remove(self, name: str) -> list[str]:
        """Delete an entry of the top. Return the new names of folders that were in it and now are beside it."""
        try:
            if unlink(name, self.top):
                return []
            moved = self.empty(name)
            if not self.is_late:
                os.rmdir(name, dir_fd=self.top)
            return moved
        except OSError as error:
            self.problems.append(describe(name, error))
            return []

    def empty(self, name: str) -> list[str]:
        moved = []
        folder = open_folder(name, self.top)
        try:
            for inner in os.listdir(folder):
                if self.is_late:
                    break
                if not unlink(inner, folder):
                    moved.append(self.move_up(inner, folder))
        finally:
            os.close(folder)
        return moved

    def move_up(self, name: str, folder: int) -> str:
        new = token_hex(8)
        try:
            os.rename(name, new, src_dir_fd=folder, dst_dir_fd=self.top)
        except PermissionError:  # without rights to a folder nobody can move it
            give_access(name, folder)
            os.rename(name, new, src_dir_fd=folder, dst_dir_fd=self.top)
        return new


def unlink(name: str, folder: int) -> bool:
    """Delete an entry that is no folder. Return whether there is none of this name any more."""
    try:
        os.unlink(name, dir_fd=folder)
    except IsADirectoryError:
        return False
    except FileNotFoundError:
        pass
    return True
