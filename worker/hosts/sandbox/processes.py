"""The processes of hosts: the users that they run as, and how to kill a tree of them."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from gptstore.sdk.host import seal

FIRST = 0x70000000
"""The first of the numbers that systemd's documentation (UIDS-GIDS) lists as used by nobody, up to 2**31 - 1."""

MAX_HOSTS = 64

FOR_PROBES = MAX_HOSTS - 1
"""The number of the host that is there only to probe the isolation level."""


def user_for(number: int) -> int:
    """Return the user of this worker's n-th host. Process ids are below 2**22, so no two workers' users meet."""
    if not 0 <= number < MAX_HOSTS:
        raise ValueError(f"a worker as root has up to {MAX_HOSTS} hosts, each with a user of its own")
    return FIRST + os.getpid() * MAX_HOSTS + number


MAX_ROUNDS = 100
PR_SET_CHILD_SUBREAPER = 36


def kill_tree(pid: int) -> None:
    """Stop every process first, so that none is started meanwhile, then kill them. `pid` is a child of this process."""
    stopped: set[int] = set()
    for _ in range(MAX_ROUNDS):
        living = [one for one in tree_of(pid) if one not in stopped]
        if not living:
            break
        for one in living:
            send(one, signal.SIGSTOP)
            stopped.add(one)
    for one in stopped:
        send(one, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends (prctl(2))."""
    seal.check(seal.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def kill_children() -> None:
    """Kill all children of this process with theirs, adopted ones too."""
    for _ in range(MAX_ROUNDS):
        children = children_of(os.getpid())
        if not children:
            return
        for child in children:
            kill_tree(child)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def tree_of(pid: int) -> list[int]:
    """Return the process and its descendants, by /proc/…/children (proc_pid_children(5))."""
    found, index = [pid], 0
    while index < len(found):
        found += children_of(found[index])
        index += 1
    return found


def children_of(pid: int) -> list[int]:
    children: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, listed.read_text().split())
    return children


def is_below(pid: int, ancestor: int) -> bool:
    """Return whether a process descends from another one (proc_pid_stat(5)). Not when it is gone."""
    with suppress(OSError):
        while pid > 1:
            pid = int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
            if pid == ancestor:
                return True
    return False


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
