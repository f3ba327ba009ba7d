"""Where the output of a job goes: a terminal, a pipe, a file, or as JSON lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

from gptstore.sdk.cli.console import is_terminal, print_json, write_text
from gptstore.sdk.cli.errors import CommandError, UsageError
from gptstore.sdk.cli.job_file import DownloadOutput, describe_file, file_of, write_bytes
from gptstore.sdk.cli.job_table import CsvOutput, TableOutput, print_rows
from gptstore.sdk.cli.live_text import LiveOutput
from gptstore.sdk.cli.status_line import StatusLine
from gptstore.sdk.cli.terminal import TerminalText, harmless
from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_table import StoredTable

Json = dict[str, Any]


class JobOutput(Protocol):
    """Takes the events of a job by name, and at last the job as it ended."""

    @property
    def in_line(self) -> bool:
        """Return whether a terminal's cursor stands behind text, where nothing else may be printed."""

    def event(self, name: str, data: Json) -> None: ...

    def end(self, job: Json) -> None: ...


class TextOutput(LiveOutput):
    """Writes the bare text while it arrives: harmless to a terminal, byte for byte to a pipe."""

    def __init__(self, status: StatusLine) -> None:
        super().__init__()
        self._status = status
        self._to_terminal = is_terminal()
        self._cleaned = TerminalText()
        self._last = ""

    @property
    def in_line(self) -> bool:
        return self._to_terminal and not self._last.endswith("\n") and self._last != ""

    def end(self, job: Json) -> None:
        super().end(job)
        if self.in_line:
            self._write("\n")

    def _write(self, text: str) -> None:
        if self._to_terminal:
            text = self._cleaned.piece(text)
            self._status.clear()
        write_text(text)
        self._last = text or self._last

    def _differ(self) -> None:
        if not self._to_terminal:
            super()._differ()
        if self.in_line:
            self._write("\n")
        self._status.note("The run began again, with another text:")


class JsonOutput:
    """Prints each event as one line of JSON."""

    in_line = False

    def event(self, name: str, data: Json) -> None:
        print_json({"event": name, "data": data})

    def end(self, job: Json) -> None:
        """Do nothing: the last event has the job."""


class FileOutput:
    """Writes the output to a file when the run has succeeded, and leaves the file alone when it has not.

    A table becomes CSV.
    """

    in_line = False

    def __init__(self, name: str, kind: str = OutputKind.TEXT) -> None:
        self._path = Path(name).expanduser()
        self._kind = kind
        if not self._path.parent.is_dir():
            raise UsageError(f"There is no folder {self._path.parent}; make it first.")
        if self._path.is_dir():
            raise UsageError(f"{self._path} is a folder; name a file in it.")

    def event(self, name: str, data: Json) -> None:
        """Do nothing: a file is written as a whole."""

    def end(self, job: Json) -> None:
        if job.get("status") == "succeeded":
            self._replace(bytes_of(job, self._kind))

    def _replace(self, data: bytes) -> None:
        try:
            if self._path.exists() and not self._path.is_file():  # a device or a named pipe cannot be replaced
                self._path.write_bytes(data)
                return
            made = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            made.write_bytes(data)
            made.replace(self._path)
        except OSError as error:
            raise CommandError(f"{self._path} cannot be written: {error.strerror}.") from None


def bytes_of(job: Json, kind: str) -> bytes:
    """Return the output of a job as a file has it. Raises CommandError where there is only a part of a file."""
    text = str(job.get("output") or "")
    if kind == OutputKind.FILE:
        return file_of(job).data
    return ("".join(StoredTable(text).csv()) if kind == OutputKind.TABLE else text).encode("utf-8", "replace")


def output_of(kind: str, status: StatusLine) -> JobOutput:
    """Return what shows an output of this kind on stdout."""
    if kind == OutputKind.FILE:
        return DownloadOutput(status)
    if kind == OutputKind.TABLE:
        return TableOutput(status) if is_terminal() else CsvOutput()
    return TextOutput(status)


def print_output(job: Json) -> None:
    """Print the whole output of a job that has ended: harmless to a terminal, byte for byte to a pipe."""
    kind, text = job.get("output_kind"), str(job.get("output") or "")
    if not text:
        return
    if kind == OutputKind.TABLE:
        print_rows(StoredTable(text)) if is_terminal() else write_text("".join(StoredTable(text).csv()))
    elif kind == OutputKind.FILE and is_terminal():
        describe_file(job)
    elif kind == OutputKind.FILE:
        write_bytes(file_of(job).data)
    elif not is_terminal():
        write_text(text)
    else:
        write_text(harmless(text.replace("\r\n", "\n")).removesuffix("\n") + "\n")
