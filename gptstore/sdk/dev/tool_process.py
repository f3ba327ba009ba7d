"""A process of its own that has imported a project's plugin, and runs one of its tools, once."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import IO, Any, Self

from gptstore.sdk.dev.errors import PluginProblem
from gptstore.sdk.dev.messages import Check, Checked, Described, Import, from_plugin
from gptstore.sdk.dev.sandbox import CHILD, DevSandbox
from gptstore.sdk.errors import FieldError
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.import_problems import MAX_PRINTED
from gptstore.sdk.limits import MEGA
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.describe import SECONDS, START_SECONDS, describe_ending, place_problem
from gptstore.sdk.project.description import Description
from gptstore.sdk.project.memory import descendants, limit_growth
from gptstore.sdk.project.process import Ending, kill, plugin_variables
from gptstore.sdk.project.project import Project

_LINE = 10_000
_LAST_SECONDS = 5.0

CHECK_SECONDS = 10.0
"""How long the check of an input may take. It is no code of the plugin, but a pattern in it may be slow."""


class Closed:
    """In the queue: the process has closed its socket."""


class WaitingProcess:
    """A process that has loaded the SDK, or is about to, and waits for what to import.

    sandbox: where it runs; with your own rights without one, or where there is none here.
    """

    def __init__(self, sandbox: DevSandbox | None = None) -> None:
        sandbox = sandbox if sandbox is not None and sandbox.plan is not None else None
        self.is_confined = sandbox is not None
        place = sandbox.scratch if sandbox else None
        self.folder = tempfile.TemporaryDirectory(prefix="gptstore-", dir=place, ignore_cleanup_errors=True)
        near, far = socket.socketpair()
        with far:
            self.process = sandbox.start(self.folder.name, far.fileno()) if sandbox else self._start(far.fileno())
        self.channel = Channel(near, from_plugin)

    def close(self) -> None:
        """End the process, and give back all that it had."""
        kill(self.process)
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        self.channel.close()
        self.folder.cleanup()

    def _start(self, descriptor: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", CHILD, str(descriptor)],
            cwd=self.folder.name,
            env=plugin_variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[descriptor],
            start_new_session=True,  # so that Ctrl-C reaches the command alone
        )


def alive(waiting: WaitingProcess | None, sandbox: DevSandbox | None) -> WaitingProcess:
    """Return the process that waits; another one in its place where it has ended, or where there is none."""
    if waiting is not None and waiting.process.poll() is not None:
        waiting.close()
        waiting = None
    return waiting or WaitingProcess(sandbox)


class ToolProcess:
    """Starts the process, in which the import begins at once. It is ended by `close`, with all that it started.

    waiting: the process to use; without one, it is started here, with your own rights. received: its messages, the
    lines that it prints, as texts, and at last `Closed`. printed: their bytes.
    """

    def __init__(self, project: Project, seconds: float = SECONDS, waiting: WaitingProcess | None = None) -> None:
        self.project = project
        self.seconds = seconds
        self._waiting = waiting or WaitingProcess()
        self.received: SimpleQueue[Any] = SimpleQueue()
        self.printed = 0
        self._kept: list[str] = []
        self.process = self._waiting.process
        self.channel = self._waiting.channel
        assert self.process.stderr is not None
        self._threads = [
            Thread(target=self._read_lines, args=(self.process.stderr,), daemon=True),
            Thread(target=self._read_messages, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with suppress(OSError):  # it has ended, which `describe` finds out
            self.channel.send(Import(folder=str(project.folder), seconds=seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def describe(self) -> Description:
        """Wait for the end of the import, and return what was found. Raises PluginProblem."""
        deadline = monotonic() + self.seconds + START_SECONDS
        while True:
            try:
                item = self.received.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                item = Closed()
            if isinstance(item, str):
                self._kept.append(item)
            elif isinstance(item, Described):
                return self._check(item.description)
            else:
                raise self._import_problem()

    def limit_memory(self, megabytes: int | None) -> None:
        """Let the run map so many more, in a sandbox: it has what it took for the import by now."""
        if self._waiting.is_confined and megabytes is not None:
            with suppress(OSError, ValueError):  # it has ended, which comes next
                for pid in descendants(self.process.pid):
                    limit_growth(pid, megabytes * MEGA)

    @property
    def printed_lines(self) -> list[str]:
        """Return what the plugin printed while it was imported."""
        return [*self._kept]

    def end_status(self) -> int | None:
        """Wait a moment for the end of the process, and return its status as `subprocess` has it."""
        try:
            return self.process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End the process, whatever it does."""
        kill(self.process)

    def close(self) -> None:
        """End the process, and give back all that it had."""
        self.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(_LAST_SECONDS)
        self._waiting.close()

    def check(
        self, tool: str, data: dict[str, Any], seconds: float = CHECK_SECONDS, language: str = ""
    ) -> list[FieldError]:
        """Return what is wrong with an input, in a language. Before the run only. Raises TimeoutError, EOFError."""
        with suppress(OSError):
            self.channel.send(Check(tool=tool, input=data, language=language))
        deadline = monotonic() + seconds
        while True:
            try:
                item = self.received.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                raise TimeoutError from None
            if isinstance(item, str):
                self._kept.append(item)
            elif isinstance(item, Checked):
                return [FieldError(**error) for error in item.errors]  # type: ignore[typeddict-item]
            else:
                self.received.put(item)
                raise EOFError

    def _check(self, found: Description) -> Description:
        if found.problem is not None:
            raise PluginProblem(place_problem(self.project, found.problem), found.details)
        if found.manifest is None or not found.manifest.tools:
            raise PluginProblem(
                place_problem(self.project, Problem("hook", "it has no tools", "return a list of tools"))
            )
        return found

    def _import_problem(self) -> PluginProblem:
        status = self.end_status()
        kill(self.process)
        self._threads[0].join(_LAST_SECONDS)
        while not self.received.empty():
            if isinstance(item := self.received.get(), str):
                self._kept.append(item)
        text = "".join(f"{line}\n" for line in self._kept)
        ending = Ending(status, errors=text.encode(), printed=self.printed)
        return PluginProblem(place_problem(self.project, describe_ending(self.project, ending, self.seconds)), text)

    def _read_lines(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(_LINE):
                self.printed += len(line)
                if self.printed > MAX_PRINTED:
                    kill(self.process)
                    break
                self.received.put(line.decode(errors="replace").rstrip("\r\n"))

    def _read_messages(self) -> None:
        try:
            while True:
                self.received.put(self.channel.receive())
        except (EOFError, OSError, BadMessage):
            self._threads[0].join(_LAST_SECONDS)  # what it printed last comes before its end
            self.received.put(Closed())
