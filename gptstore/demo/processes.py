"""Processes that the demo starts: each in a group of its own, with a log, and never left behind."""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gptstore.demo.errors import DiedEarly
from gptstore.demo.paths import ROOT
from gptstore.demo.watchdog import Watchdog

GRACE_SECONDS = 10.0
MAX_RESTARTS = 5
RESTARTS_WITHIN_SECONDS = 60.0


class Process:
    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, watchdog: Watchdog
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._watchdog = watchdog
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._running = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog.watch(self.pid)

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def has_ended(self) -> bool:
        return self._running.poll() is not None

    def check(self) -> None:
        """Check that the process lives. Raises DiedEarly when it does not."""
        if self.has_ended:
            raise DiedEarly(f"{self.describe_end()} Its last lines:\n\n{self.last_lines()}\n\nAll of it: {self.log}")

    def describe_end(self) -> str:
        code = self._running.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        return f"The {self.name} process {how}."

    def last_lines(self, count: int = 15) -> str:
        """Return the last lines that this start wrote: the log is kept over restarts."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-count:]) or "  (it wrote nothing)"

    def ask_to_stop(self) -> None:
        if not self.has_ended:
            self._running.terminate()

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline` (of time.monotonic), then kill the rest of the process's group."""
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(max(0.0, deadline - time.monotonic()))
        self.end_group()

    def end_group(self) -> None:
        """Kill the process, if it still runs, and everything that it started."""
        signal_group(self.pid, signal.SIGKILL)
        self._running.wait()
        self._watchdog.forget(self.pid)


class Restarts:
    """Counts how often each process was restarted, to notice a process that keeps dying."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)

    def allow(self, name: str) -> bool:
        """Count one more restart; False when there were too many in the last minute."""
        now = time.monotonic()
        self._times[name] = [at for at in self._times[name] if now - at < RESTARTS_WITHIN_SECONDS] + [now]
        return len(self._times[name]) <= MAX_RESTARTS


def stop_all(processes: Sequence[Process]) -> None:
    for process in processes:
        process.ask_to_stop()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        process.wait_or_kill(deadline)


def signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter for a group of zombies
        os.killpg(pid, number)
