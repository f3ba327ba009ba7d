"""Stops the demo's processes when the demo itself was killed and can't.

The watchdog reads a pipe that only the demo can write to: `+PID` and `-PID` come in; the end of the pipe means that
the demo is gone. Unlike a parent-death signal it works everywhere, takes grandchildren along and asks before it kills.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO

GRACE_SECONDS = 5.0


class Watchdog:
    """The demo's end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gptstore.demo.watchdog"], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def watch(self, pid: int) -> None:
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        self._tell(f"-{pid}")

    def close(self) -> None:
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            with suppress(OSError):  # a dead watchdog must not stop the demo
                print(line, file=self._process.stdin, flush=True)


def read_groups(pipe: IO[str]) -> set[int]:
    """Return the process groups that are still to be stopped when the pipe ends."""
    groups: set[int] = set()
    for line in pipe:
        sign, pid = line[0], int(line[1:])
        groups = groups | {pid} if sign == "+" else groups - {pid}
    return groups


def stop_groups(groups: set[int]) -> None:
    send(groups, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while (groups := send(groups, 0)) and time.monotonic() < deadline:
        time.sleep(0.1)
    send(groups, signal.SIGKILL)


def send(groups: set[int], number: int) -> set[int]:
    """Send a signal. Return the groups that still had a process to take it."""
    reached = set()
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            reached.add(group)
    return reached


if __name__ == "__main__":
    stop_groups(read_groups(sys.stdin))
