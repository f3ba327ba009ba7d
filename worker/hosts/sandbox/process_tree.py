"""Kills a process tree, whatever its processes do against it."""

import os
import signal
from contextlib import suppress
from pathlib import Path

MAX_ROUNDS = 100


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


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
