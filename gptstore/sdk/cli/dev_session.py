"""Runs the tool of a project once, or again on every save, and shows each run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from gptstore.sdk.cli.check import colored, from_here
from gptstore.sdk.cli.console import print_error, print_note, stderr
from gptstore.sdk.cli.dev_model import ModelSource, open_model
from gptstore.sdk.cli.dev_options import Arguments, Parsed
from gptstore.sdk.cli.errors import CommandError, JobCanceled
from gptstore.sdk.cli.job_view import JobView, raise_unless_succeeded
from gptstore.sdk.cli.model_report import ModelReport

if TYPE_CHECKING:
    from gptstore.sdk.dev.event import Event
    from gptstore.sdk.dev.sandbox import DevSandbox
    from gptstore.sdk.dev.tool_process import ToolProcess, WaitingProcess
    from gptstore.sdk.dev.tool_run import ToolRun
    from gptstore.sdk.dev.watcher import Watcher

Json = dict[str, Any]

WAITING = "Waiting for a save; Ctrl-C ends."
CANCELING = "Canceling the run. Ctrl-C again leaves at once."


class Session:
    """The runs of one command. The model is opened for the first of them, and kept."""

    def __init__(self, folder: Path, arguments: Arguments) -> None:
        self.folder = folder
        self.arguments = arguments
        self._source: ModelSource | None = None
        self._sandbox: DevSandbox | None = None
        self._spare: WaitingProcess | None = None
        self._run: ToolRun | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._source is not None:
            self._source.close()
        if self._spare is not None:
            self._spare.close()
        if self._sandbox is not None:
            self._sandbox.close()

    def run_once(self) -> None:
        """Run the tool. Raises CommandError unless it succeeded."""
        from gptstore.sdk.dev.errors import PluginProblem
        from gptstore.sdk.project.errors import ProjectError

        try:
            self._import_and_run()
        except (PluginProblem, ProjectError) as error:
            raise CommandError(str(from_here(self.folder, error.problem))) from None

    def watch(self) -> None:
        """Run the tool, and again on every save, until somebody interrupts it."""
        from gptstore.sdk.dev.watcher import Watcher

        with Watcher(self.folder, self._cancel) as watcher:
            try:
                while True:
                    watcher.forget()
                    self._run_or_explain(watcher)
                    self._prepare()
                    if not watcher.has_changed:
                        print_note(WAITING)
                    watcher.wait()
            except (KeyboardInterrupt, JobCanceled):
                raise typer.Exit(JobCanceled.status) from None

    def _prepare(self) -> None:
        """Start the process of the next run, which waits for the save: Python and the SDK are loaded by then."""
        from gptstore.sdk.dev.tool_process import WaitingProcess

        if self._spare is None and self._sandbox is not None:
            self._spare = WaitingProcess(self._sandbox)

    def _run_or_explain(self, watcher: Watcher) -> None:
        """Run the tool, or say why it did not run, or not to its end."""
        from gptstore.sdk.dev.errors import PluginProblem
        from gptstore.sdk.project.errors import ProjectError

        try:
            self._import_and_run(watcher)
        except (PluginProblem, ProjectError) as error:
            stderr.print(colored(from_here(self.folder, error.problem)))
        except JobCanceled:
            if not watcher.has_changed:
                raise
        except CommandError as error:
            print_error(error)

    def _import_and_run(self, watcher: Watcher | None = None) -> None:
        from gptstore.sdk.dev.sandbox import DevSandbox
        from gptstore.sdk.dev.tool_process import ToolProcess, alive
        from gptstore.sdk.project.reading import read_project

        project = read_project(self.folder)
        self._sandbox = self._sandbox or DevSandbox(self.folder, is_wanted=self.arguments.wants_sandbox)
        spare, self._spare = self._spare, None
        with ToolProcess(project, waiting=alive(spare, self._sandbox)) as process:
            found = process.describe()
            for line in process.printed_lines:
                print_note(line)
            assert found.manifest is not None
            parsed = self.arguments.parse(found.manifest)
            source = self._open(parsed)
            if watcher is not None and source.file is not None:
                watcher.add(source.file)
            raise_unless_succeeded(self._show(process, parsed, source))

    def _open(self, parsed: Parsed) -> ModelSource:
        if self._source is None:
            self._source = open_model(parsed.options)
            assert self._sandbox is not None
            print_note(self._sandbox.rights.describe())
        return self._source

    def _show(self, process: ToolProcess, parsed: Parsed, source: ModelSource) -> Json:
        """Run the tool, show the run to its end, and return how it ended."""
        from gptstore.sdk.dev.tool_run import ToolRun

        options = parsed.options
        view = JobView(as_json=options.as_json, output=options.output, kind=parsed.tool.output)
        self._run = run = ToolRun(process, parsed.tool, parsed.data, source.model_for(parsed.tool), parsed.settings)
        report = ModelReport()
        job = show_or_cancel(Noted(run, report), run, view)
        self._run = None
        if options.show:
            report.print(job)
        return job

    def _cancel(self) -> None:
        """Cancel the run that a save has made old, from the watcher's thread."""
        if (run := self._run) is not None:
            run.cancel()


@dataclass
class Noted:
    """The events of a run, of which the report takes those that are about the model."""

    run: ToolRun
    report: ModelReport
    job_id: str = ""

    def __iter__(self) -> Iterator[Event]:
        for event in self.run:
            if event.name == "model":
                self.report.add(event.data)
            yield event


def show_or_cancel(events: Noted, run: ToolRun, view: JobView) -> Json:
    """Show the run to its end, and return its job. An interruption cancels the run, as the end of the pipe does."""
    try:
        return view.show(events)
    except KeyboardInterrupt:
        view.status.note(CANCELING)
        run.cancel()
        return view.show(events)
