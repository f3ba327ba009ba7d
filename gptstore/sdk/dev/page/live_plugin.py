"""Keeps the plugin of a project imported, as it was saved last, for the page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Self

from gptstore.sdk.dev.errors import PluginProblem
from gptstore.sdk.dev.sandbox import DevSandbox
from gptstore.sdk.dev.tool_process import ToolProcess, WaitingProcess, alive
from gptstore.sdk.errors import FieldError
from gptstore.sdk.manifest import Manifest, ToolManifest
from gptstore.sdk.problem import Problem
from gptstore.sdk.project.errors import ProjectError
from gptstore.sdk.project.reading import read_project

_READY_SECONDS = 40.0


@dataclass(frozen=True)
class Version:
    """The plugin as of one save. number: grows with each save that changes something that the page shows.

    manifest: the last one that there was, None before the first. problem: why this save has none, with details.
    """

    number: int
    manifest: Manifest | None = None
    problem: Problem | None = None
    details: str = field(default="", compare=False)
    printed: tuple[str, ...] = field(default=(), compare=False)

    def find_tool(self, slug: str) -> ToolManifest | None:
        """Return the tool of this slug."""
        tools = self.manifest.tools if self.manifest is not None else []
        return next((tool for tool in tools if tool.slug == slug), None)


class LivePlugin:
    """Imports the plugin at the start and after each save, on a thread of its own, and always has a process at hand.

    changed: called on that thread with each new version.
    """

    def __init__(
        self,
        folder: Path,
        changed: Callable[[Version], None] = lambda _version: None,
        sandbox: DevSandbox | None = None,
    ) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self.changed = changed
        self.version = Version(0)
        self._state = Condition()
        self._is_wanted = True  # an import, because of a save or of a run that has taken the process
        self._is_ready = False  # the last import has ended
        self._closed = False
        self._process: ToolProcess | None = None
        self._importing: ToolProcess | None = None
        self._waiting: WaitingProcess | None = WaitingProcess(sandbox)
        self._thread = Thread(target=self._work, name="plugin", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._state:
            self._closed = True
            self._state.notify_all()
            for process in filter(None, (self._importing, self._process)):
                process.kill()
        self._thread.join()
        if self._process is not None:
            self._process.close()
        if self._waiting is not None:
            self._waiting.close()

    def wait(self) -> Version:
        """Wait for the end of the import that is wanted, and return what was found."""
        with self._state:
            self._state.wait_for(lambda: self._closed or self._is_ready)
            return self.version

    def reload(self) -> None:
        """Import the plugin anew, from any thread: something was saved. An import that goes on is ended."""
        with self._state:
            self._want()
            if self._importing is not None:
                self._importing.kill()

    def check(self, slug: str, data: dict[str, Any], language: str = "") -> list[FieldError]:
        """Return what is wrong with an input, by the plugin's own check, in a language. Raises PluginProblem."""
        with self._state:
            process = self._ready()
            with suppress(TimeoutError):
                try:
                    return process.check(slug, data, language=language)
                except EOFError:
                    pass
            self._process = None
            self._want()
        process.close()
        problem = Problem("input", "the check of this input did not come to an end", "look at the patterns in it")
        raise PluginProblem(problem)

    def take(self) -> ToolProcess:
        """Return the process for one run, which the caller has to close. Raises PluginProblem."""
        with self._state:
            process = self._ready()
            self._process = None
            self._want()
            return process

    def _ready(self) -> ToolProcess:
        self._state.wait_for(lambda: self._closed or self._is_ready, _READY_SECONDS)
        if self._process is not None and self._process.process.poll() is not None:  # it has ended meanwhile
            self._want()
            self._state.wait_for(lambda: self._closed or self._is_ready, _READY_SECONDS)
        if self._process is None:
            problem = self.version.problem or Problem("import", "the plugin is not there yet", "run it again")
            raise PluginProblem(problem)
        return self._process

    def _want(self) -> None:
        self._is_wanted, self._is_ready = True, False
        self._state.notify_all()

    def _work(self) -> None:
        while self._begin():
            process, found = self._import()
            with self._state:
                self._importing = None
                is_old, is_new = self._is_wanted or self._closed, False
                if not is_old:
                    self._process, self._is_ready = process, True
                    version = self._next_version(found)
                    is_new, self.version = version.number > self.version.number, version
                    self._state.notify_all()
            if is_old:
                self._close(process)
            elif is_new:
                self.changed(self.version)
            self._keep_waiting_process()

    def _begin(self) -> bool:
        """Wait for the next import that is wanted. Return whether there is one."""
        with self._state:
            self._state.wait_for(lambda: self._is_wanted or self._closed)
            before, self._process = self._process, None
            self._is_wanted = False
        self._close(before)
        return not self._closed

    def _import(self) -> tuple[ToolProcess | None, Version]:
        """Import the plugin. Return its process, None where that failed, and what was found."""
        process = None
        try:
            project = read_project(self._folder)
            self._importing = process = ToolProcess(project, waiting=self._take_waiting_process())
            manifest = process.describe().manifest
            return process, Version(0, manifest, printed=tuple(process.printed_lines))
        except (PluginProblem, ProjectError) as error:
            problem, details = error.problem, getattr(error, "details", "")
        except OSError as error:  # a file went away between two looks at it
            problem, details = Problem("project", str(error), "save it again"), ""
        self._close(process)
        return None, Version(0, self.version.manifest, problem, details)

    def _next_version(self, found: Version) -> Version:
        """Return it with its number: a process for the next run that finds the same is no new version."""
        return replace(found, number=self.version.number + (replace(found, number=self.version.number) != self.version))

    def _take_waiting_process(self) -> WaitingProcess:
        waiting, self._waiting = self._waiting, None
        return alive(waiting, self._sandbox)

    def _keep_waiting_process(self) -> None:
        if self._waiting is None and not self._closed:
            self._waiting = WaitingProcess(self._sandbox)

    def _close(self, process: ToolProcess | None) -> None:
        if process is not None:
            process.close()
