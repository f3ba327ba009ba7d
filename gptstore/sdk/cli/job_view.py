"""Shows a job to the person until it ends, and ends the command as the job did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from gptstore.sdk.cli.console import stderr
from gptstore.sdk.cli.errors import JobCanceled, JobFailed, OutputChanged
from gptstore.sdk.cli.job_output import FileOutput, JobOutput, JsonOutput, output_of
from gptstore.sdk.cli.status_line import StatusLine
from gptstore.sdk.cli.terminal import harmless_line

Json = dict[str, Any]


class Event(Protocol):
    """One event of a job, as docs/api.md lists them."""

    @property
    def name(self) -> str: ...

    @property
    def data(self) -> Json: ...


class Events(Protocol):
    """The events of a job until `finished`. After an interruption they can be iterated again, and go on."""

    job_id: str

    def __iter__(self) -> Iterator[Event]: ...


class JobView:
    """What a person sees of one job. as_json: print its events. output: a file for it. kind: of the output."""

    def __init__(self, *, as_json: bool, output: str | None, kind: str) -> None:
        self.status = StatusLine()
        self._held: list[str] = []
        self._outputs: list[JobOutput] = []
        if output is not None:
            self._outputs.append(FileOutput(output, kind))
        if as_json or output is None:
            self._outputs.append(JsonOutput() if as_json else output_of(kind, self.status))

    def show_queued(self, job: Json) -> None:
        self._show_status(waiting_text(job))

    def note(self, text: str) -> None:
        """Print a line that stays, below the text that there is."""
        if self._in_line and self.status.is_live:
            stderr.print()
        self.status.note(text)

    def show(self, events: Events) -> Json:
        """Show the events until the last one, and return the job that it has."""
        try:
            for event in events:
                self._show_event(event.name, event.data)
                if event.name == "finished":
                    self._end(event.data)
                    return event.data
        except OutputChanged:
            raise OutputChanged(
                "The run began again on another worker, with another text than the one that is printed already. "
                f"Its whole output:  gptstore jobs {events.job_id}"
            ) from None
        finally:
            self.status.clear()
        raise AssertionError("the events of a job end with `finished`")

    def _show_event(self, name: str, data: Json) -> None:
        match name:
            case "started":
                self._show_status("running …")
            case "progress":
                self._show_status(progress_text(data))
            case "log" | "printed":
                self._held.append(str(data.get("message", "")))
        for output in self._outputs:
            output.event(name, data)
        self._print_held()

    def _end(self, job: Json) -> None:
        self.status.clear()
        for output in self._outputs:
            output.end(job)
        self._print_held()

    def _show_status(self, text: str) -> None:
        if not self._in_line:
            self.status.show(text)

    def _print_held(self) -> None:
        """Print the log's lines, or hold them back until the text on the terminal is at the end of a line."""
        if self._held and not (self._in_line and self.status.is_live):
            for message in self._held:
                self.status.note(message)
            self._held.clear()

    @property
    def _in_line(self) -> bool:
        return any(output.in_line for output in self._outputs)


def waiting_text(job: Json) -> str:
    """Say how long a queued job will wait, as far as the store knows."""
    queue = job.get("queue") or {}
    position, seconds = queue.get("position"), queue.get("estimated_start_seconds")
    words = ["waiting"] if position is None else [f"waiting, number {position}"]
    return ", ".join([*words, *([f"about {seconds} s"] if seconds else [])]) + " …"


def progress_text(data: Json) -> str:
    """Say how far a run has come."""
    done, total = data.get("done"), data.get("total")
    share = f"{done:g} of {total:g}" if isinstance(done, int | float) and isinstance(total, int | float) else ""
    return " ".join(filter(None, [share, str(data.get("message") or "")])) or "running …"


def raise_unless_succeeded(job: Json) -> None:
    """Raise JobFailed or JobCanceled for a job that ended so."""
    if job.get("status") == "failed":
        error = job.get("error") or {}
        message = harmless_line(str(error.get("message") or "The run failed."))
        raise JobFailed(f"{message} ({harmless_line(str(error.get('code', 'unknown')))})")
    if job.get("status") == "canceled":
        raise JobCanceled("The run was canceled.")
