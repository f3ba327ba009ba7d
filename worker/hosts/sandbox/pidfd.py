"""Handles of processes (pidfd_open(2)), which never come to mean another process, as a number may.

The calls are made by their numbers, which all machines share: some builds of Python have no `os.pidfd_open`.
"""

import os
import select
import signal
from contextlib import suppress

from gptstore.sdk.host.seal import check, libc

PIDFD_SEND_SIGNAL, PIDFD_OPEN = 424, 434


def open_pidfd(pid: int) -> int:
    """Return a handle of a process of anybody's. Raises OSError: ProcessLookupError when there is none any more."""
    return check(libc.syscall(PIDFD_OPEN, pid, 0))


def kill(handle: int) -> None:
    """Kill the process, if it still runs and this one may."""
    with suppress(OSError):
        check(libc.syscall(PIDFD_SEND_SIGNAL, handle, signal.SIGKILL, None, 0))


def has_ended(handle: int, seconds: float = 0) -> bool:
    """Wait until all threads of the process have ended, whether or not its parent knows. Return whether they have."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def close(handle: int) -> None:
    os.close(handle)
