"""What root may do beyond other users (capabilities(7)): given up by a host that cannot have a user of its own."""

import ctypes

from worker.sandbox.landlock import checked, libc

PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
VERSION_3 = 0x20080522


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def give_up_all() -> None:
    """For good: with no_new_privs not even a program that is started gets them back."""
    number = 0
    while libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0:
        checked(libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
        number += 1
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc.capset(ctypes.byref(Header(VERSION_3, 0)), ctypes.byref(nothing)))
