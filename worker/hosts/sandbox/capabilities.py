"""What root may do beyond other users (capabilities(7)): given up by the hosts of a worker that is root."""

import ctypes
import os

from worker.hosts.sandbox.landlock import checked, libc

PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
VERSION_3 = 0x20080522


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def close_bounds() -> None:
    """For good: not even a program that is started gets them. Needs root."""
    number = 0
    while libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0:
        checked(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
        number += 1


def become(user: int) -> None:
    """Another user, with a group of the same number and no other. Needs root. Raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def give_up_all() -> None:
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc.capset(ctypes.byref(Header(VERSION_3, 0)), ctypes.byref(nothing)))
