"""Drops the capabilities (capabilities(7)) of root, and those that a user has in a user namespace."""

import ctypes
import os

from gptstore.sdk.host.seal import check, libc

PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
VERSION_3 = 0x20080522


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


Sets = ctypes.c_uint32 * 6


def close_bounds() -> None:
    """Clear the capability bounding set, so that exec'd programs cannot regain capabilities. Needs CAP_SETPCAP."""
    number = 0
    while libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0:
        check(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
        number += 1


def become(user: int) -> None:
    """Become another user, with a group of the same number and no other. Needs root. Raises OSError."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def drop_all() -> None:
    nothing = Sets()
    check(libc.capset(ctypes.byref(Header(VERSION_3, 0)), ctypes.byref(nothing)))


def has_any() -> bool:
    """Return whether this process has a capability, or could regain one by running a program."""
    held = Sets()
    check(libc.capget(ctypes.byref(Header(VERSION_3, 0)), ctypes.byref(held)))
    return any(held) or any(libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) > 0 for number in range(64))
