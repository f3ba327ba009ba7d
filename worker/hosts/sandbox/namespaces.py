"""Separates a process from the machine: namespaces for processes, mounts, IPC and the network (namespaces(7))."""

import os
from pathlib import Path

from gptstore.sdk.host.seal import check, libc

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)


def separate_processes() -> None:
    """Give the next child of this process a namespace for processes, in which it is the first and ends all others.

    An ordinary user needs a user namespace for that: there this process is still itself, and may make other namespaces.
    Raises OSError when the machine forbids it.
    """
    if os.geteuid() == 0:
        check(libc.unshare(CLONE_NEWPID))
        return
    user, group = os.geteuid(), os.getegid()
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWPID))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def separate_machine(*, network: bool) -> None:
    """Give this process mounts and IPC of its own and, unless it may use the machine's network, an empty network.

    Needs what `separate_processes` gives an ordinary user. Raises OSError when the machine forbids it.
    """
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC | (0 if network else CLONE_NEWNET)))
