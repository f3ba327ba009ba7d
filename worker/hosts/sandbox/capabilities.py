"""Drops the capabilities of root (capabilities(7)), in the hosts of a worker that is root."""

import ctypes
import os

from worker.hosts.sandbox.landlock import checked, libc

PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
VERSION_3 = 0x20080522


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def close_bounds() -> None:
    """Clear the capability bounding set, so that exec'd programs cannot regain capabilities. Needs root."""
    number = 0
    while libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0:
        checked(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
        number += 1


def become(user: int) -> None:
    """Become another user, with a group of the same number and no other. Needs root. Raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def drop_all() -> None:
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc.capset(ctypes.byref(Header(VERSION_3, 0)), ctypes.byref(nothing)))
