"""Restricts the files that a process and its children can reach: Landlock (linux/landlock.h, Linux 5.13 and later)."""

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from os import PathLike

from gptstore.sdk.host.seal import check, libc

CREATE_RULESET, ADD_RULE = 444, 445
VERSION_FLAG = 1
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR

# The number of rights by version of the interface: moving between folders came with 2, truncating with 3,
# device controls with 5. Version 4 can forbid TCP, version 6 signals and abstract sockets to processes outside.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK_SINCE, SCOPE_SINCE = 4, 6
BIND, CONNECT = 0b01, 0b10
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

StrPath = str | PathLike[str]


class Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64)]


class Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """Return the version of the kernel's interface; 0 when there is none."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)))


def make_ruleset(
    read: Iterable[StrPath], write: Iterable[StrPath], listed: Iterable[StrPath] = (), *, network: bool = False
) -> int:
    """Return a descriptor of rules that allow to read (and execute) and to write beneath these paths, and nothing else.

    listed: folders whose entries it can list, also further down, but not read.
    network: whether it may connect over TCP. Nobody may listen.
    Paths that are not there are left out. Raises OSError when the kernel has no Landlock.
    """
    has = version()
    rights = (1 << RIGHTS.get(has, 16)) - 1
    rules = Ruleset(rights)
    if has >= NETWORK_SINCE:
        rules.network = BIND if network else BIND | CONNECT
    if has >= SCOPE_SINCE:
        rules.scope = ABSTRACT_SOCKETS_AND_SIGNALS
    size = 24 if has >= SCOPE_SINCE else 16 if has >= NETWORK_SINCE else 8
    descriptor = check(libc.syscall(CREATE_RULESET, ctypes.byref(rules), size, 0))
    try:
        for allowed, paths in ((READ, read), (READ_DIR, listed), (rights & ~EXECUTE, write)):
            for path in paths:
                with suppress(FileNotFoundError):
                    allow(descriptor, path, allowed & rights)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def allow(ruleset: int, path: StrPath, allowed: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        is_folder = stat.S_ISDIR(os.fstat(parent).st_mode)
        rule = Beneath(allowed if is_folder else allowed & FILE_RIGHTS, parent)
        check(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)
