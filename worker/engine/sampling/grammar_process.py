"""Processes that compile grammars as a test: a hostile grammar costs its own request, and nobody else's time."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import ceil
from pathlib import Path
from select import poll
from threading import Event, Lock
from time import monotonic
from typing import Any

import llguidance

from worker.engine.errors import EngineError, EngineStopped, GrammarTooHard
from worker.engine.loop.turns import Turns

SCRIPT = Path(__file__).with_name("compile_probe.py")
MEMORY = 512 * 2**20
"""Bytes that a grammar may take to compile."""

_LIBRARIES = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}

START_SECONDS = 120.0
PATIENCE = 5
"""Seconds by the clock for each second of processor time, on a machine that is busy with other work."""

NUMBER = 2
"""Processes at most, and so the users whose grammars are compiled at the same time."""


class GrammarProcess:
    """One process. setup: what it needs first, see `compile_probe`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._patience: int = setup["patience"]
        self._is_late = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(Path(llguidance.__file__).parents[1])} | _LIBRARIES,
        )
        try:
            if self._ask(setup, START_SECONDS) != b"ready\n":
                raise EngineError("The process that compiles schemas could not be started.")
        except BaseException:
            self.close()
            raise

    def run(self, request: dict[str, Any]) -> str:
        """Compile as a test. Return "" if all went well, else what ended the process: "time", "memory" or "killed"."""
        if self._ask(request, self._patience) == b"done\n":
            return ""
        self.close()
        if self._is_late or -self._process.returncode in (signal.SIGPROF, signal.SIGALRM):
            return "time"
        return "killed" if -self._process.returncode in (signal.SIGKILL, signal.SIGTERM) else "memory"

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Kill the process, if it still runs, and wait for its end."""
        self.kill()
        self._process.wait()
        for pipe in filter(None, (self._process.stdin, self._process.stdout)):
            with suppress(OSError):
                pipe.close()

    def _ask(self, value: dict[str, Any], seconds: float) -> bytes:
        """Send a line and return the line of the answer; nothing of it when the process ended or is late."""
        assert self._process.stdin and self._process.stdout
        self._is_late = False
        with suppress(OSError):
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()
            return self._read_line(self._process.stdout.fileno(), monotonic() + seconds)
        return b""

    def _read_line(self, descriptor: int, until: float) -> bytes:
        line, watch = b"", poll()
        watch.register(descriptor)
        while not line.endswith(b"\n"):
            left = until - monotonic()
            if left <= 0 or not watch.poll(left * 1000):
                self._is_late = True
                return b""
            if not (data := os.read(descriptor, 64)):
                self._process.wait()
                return b""
            line += data
        return line


class ProbeCompiler:
    """Compiles schemas as a test, in processes that are started when they are needed first.

    describe: returns the tokenizer's setup, see `compile_probe`. seconds: of processor time for a schema.
    """

    def __init__(self, describe: Callable[[], dict[str, Any]], seconds: float) -> None:
        self._describe = describe
        self._seconds = seconds
        self._turns = Turns(NUMBER, each=1)
        self._lock = Lock()  # guards what follows
        self._idle: list[GrammarProcess] = []
        self._used: set[GrammarProcess] = set()
        self._closed = Event()

    @contextmanager
    def turn(self, group: str) -> Iterator[None]:
        """Wait for a turn to compile, and hold it: the grammars of one group wait for each other."""
        with self._turns.take(group):
            yield

    def probe(self, request: dict[str, Any]) -> None:
        """Compile as a test, within a turn. Raises GrammarTooHard, and EngineError where there is no process for it."""
        for _ in range(2):
            process = self._take()
            ended = process.run(request)
            if self._give_back(process):
                return
            if ended != "killed":  # else by somebody else: once more
                break
        if ended == "time":
            raise GrammarTooHard(f"more than {self._seconds:g} seconds (GPTSTORE_GRAMMAR_SECONDS)")
        if ended == "memory":
            raise GrammarTooHard(f"more than {MEMORY // 2**20} MB of memory")
        if ended:
            raise EngineError("The process that compiles schemas was ended.")

    def close(self) -> None:
        """End all processes; nothing is compiled afterwards."""
        with self._lock:
            self._closed.set()
            idle, self._idle = self._idle, []
            for process in self._used:
                process.kill()
        for process in idle:
            process.close()

    def _give_back(self, process: GrammarProcess) -> bool:
        """Return whether the process can be used again. Raises EngineStopped after `close`."""
        with self._lock:
            self._used.discard(process)
            if process.is_running and not self._closed.is_set():
                self._idle.append(process)
                return True
        process.close()
        if self._closed.is_set():
            raise EngineStopped()
        return False

    def _take(self) -> GrammarProcess:
        with self._lock:
            if self._closed.is_set():
                raise EngineStopped()
            process = self._idle.pop() if self._idle else None
        if process is None:
            process = self._start()
        with self._lock:
            self._used.add(process)
            if self._closed.is_set():
                process.kill()
        return process

    def _start(self) -> GrammarProcess:
        limits = {"seconds": self._seconds, "patience": ceil(PATIENCE * self._seconds), "memory": MEMORY}
        try:
            return GrammarProcess(self._describe() | limits)
        except OSError as error:
            raise EngineError("The process that compiles schemas could not be started.") from error
