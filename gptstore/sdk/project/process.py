"""Runs a module of ours that imports a plugin, in a process of its own: its time and what it prints have bounds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import IO

from gptstore.sdk.import_problems import MAX_PRINTED
from gptstore.sdk.project.project import Project

_KEPT = MAX_PRINTED
_CHUNK = 65_536
_LAST_SECONDS = 1.0


@dataclass(frozen=True)
class Ending:
    """How the process ended. status: as in `subprocess`; None: it did not end in time, or printed too much.

    answer: what it wrote to its real stdout. errors: what the plugin printed, to stdout or stderr; or most of it.
    printed: how many bytes that were.
    """

    status: int | None = None
    answer: bytes = b""
    errors: bytes = b""
    printed: int = 0


@dataclass
class _Reader:
    """Reads a stream to its end, so that its writer never waits. Kills the process for more than MAX_PRINTED."""

    stream: IO[bytes]
    process: subprocess.Popen[bytes]
    data: bytearray = field(default_factory=bytearray)
    size: int = 0

    def start(self) -> Thread:
        thread = Thread(target=self.read, daemon=True)
        thread.start()
        return thread

    def read(self) -> None:
        with suppress(OSError, ValueError):
            while chunk := os.read(self.stream.fileno(), _CHUNK):
                self.size += len(chunk)
                self.data += chunk[: max(0, _KEPT - len(self.data))]
                if self.size > MAX_PRINTED:
                    kill(self.process)


def run_module(module: str, project: Project, *arguments: str, seconds: float, options: Sequence[str] = ()) -> Ending:
    """Run `python -m module FOLDER …` to its end, but no longer than so many seconds.

    options: for Python itself.
    """
    command = [sys.executable, *options, "-m", module, str(project.folder), *arguments]
    return run_python(command, plugin_variables(), seconds)


def plugin_variables() -> dict[str, str]:
    """Return the environment of a process that imports a plugin: this one's, without what the command and a store read.

    Among that are API keys, which are none of the plugin's business.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GPTSTORE_")}
    return {**kept, "PYTHONIOENCODING": "utf-8"}


def run_python(command: Sequence[str], variables: Mapping[str, str], seconds: float) -> Ending:
    """Run a command of Python to its end, but no longer than so many seconds. What it started is killed with it.

    It starts in an empty folder, as plugins do in a store, and writes no compiled files. variables: its environment.
    """
    python, *arguments = command
    with tempfile.TemporaryDirectory(prefix="gptstore-", ignore_cleanup_errors=True) as empty:
        process = subprocess.Popen(
            [python, "-P", "-B", *arguments],
            cwd=empty,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None and process.stderr is not None
        status: int | None = None
        with process.stdout, process.stderr:
            readers = [_Reader(process.stdout, process), _Reader(process.stderr, process)]
            threads = [reader.start() for reader in readers]
            try:
                with suppress(subprocess.TimeoutExpired):
                    status = process.wait(seconds)
            finally:
                kill(process)  # what it started may live on, and an interrupt ends us alone
                process.wait()
                for thread in threads:
                    thread.join(_LAST_SECONDS)
    output, errors = readers
    if max(output.size, errors.size) > MAX_PRINTED:
        status = None
    return Ending(status, bytes(output.data), bytes(errors.data), errors.size)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the process with all that it started, where the system can."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
