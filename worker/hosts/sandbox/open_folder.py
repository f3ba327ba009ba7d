"""Opens folders that a plugin has made, also those that it closed to others and to itself; never through a link."""

import os

FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
RIGHTS = 0o700


def open_folder(name: str, parent: int | None = None) -> int:
    """Return a descriptor of a folder whose entries can be listed and changed. Raises OSError.

    name: a path, or a name in the folder `parent`. Its owner gets back the rights that it lacks.
    """
    try:
        folder = os.open(name, os.O_RDONLY | FOLDER, dir_fd=parent)
    except PermissionError:
        give_access(name, parent)
        folder = os.open(name, os.O_RDONLY | FOLDER, dir_fd=parent)
    try:
        if os.fstat(folder).st_mode & RIGHTS != RIGHTS:
            os.fchmod(folder, RIGHTS)
    except OSError:
        os.close(folder)
        raise
    return folder


def give_access(name: str, parent: int | None = None) -> None:
    """Give the owner of a folder all rights to it. Raises OSError.

    A change of mode by name would follow a link that has just taken the folder's place, one by descriptor cannot.
    """
    held = os.open(name, os.O_PATH | FOLDER, dir_fd=parent)
    try:
        os.chmod(f"/proc/self/fd/{held}", RIGHTS)
    finally:
        os.close(held)
