"""Ends the processes that outlive the one which started them: they become children of this process, on Linux."""

import os
import sys
from contextlib import suppress

from gptstore.sdk.host import seal
from worker.hosts.sandbox.processes import children_of, kill_tree

PR_SET_CHILD_SUBREAPER = 36
MAX_ROUNDS = 100


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends (prctl(2))."""
    if sys.platform == "linux":
        seal.check(seal.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def kill_orphans() -> None:
    """Kill all children of this process, and theirs. To be called when none is its own any more."""
    for _ in range(MAX_ROUNDS):
        children = children_of(os.getpid())
        if not children:
            return
        for child in children:
            kill_tree(child)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
