"""Where the output of a job goes: a terminal, a pipe, a file, or as JSON lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Protocol

from gptstore.sdk.cli.console import is_terminal, print_json
from gptstore.sdk.cli.errors import CommandError, OutputChanged, UsageError
from gptstore.sdk.cli.live_text import LiveText
from gptstore.sdk.cli.status_line import StatusLine
from gptstore.sdk.cli.terminal import TerminalText, harmless

Json = dict[str, Any]


class JobOutput(Protocol):
    """Takes the events of a job by name, and at last the job as it ended."""

    @property
    def in_line(self) -> bool:
        """Return whether a terminal's cursor stands behind text, where nothing else may be printed."""

    def event(self, name: str, data: Json) -> None: ...

    def end(self, job: Json) -> None: ...


class TextOutput:
    """Writes the bare text while it arrives: harmless to a terminal, byte for byte to a pipe."""

    def __init__(self, status: StatusLine) -> None:
        self._status = status
        self._to_terminal = is_terminal()
        self._cleaned = TerminalText()
        self._last = ""
        self._text = LiveText(self._write, self._differ)

    @property
    def in_line(self) -> bool:
        return self._to_terminal and not self._last.endswith("\n") and self._last != ""

    def event(self, name: str, data: Json) -> None:
        if name == "output":
            self._text.add(str(data.get("text", "")))
        elif name in ("started", "reset"):
            self._text.restart()

    def end(self, job: Json) -> None:
        self._text.end(str(job.get("output") or ""))
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
            raise OutputChanged
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
    """Writes the text to a file when the run has succeeded, and leaves the file alone when it has not."""

    in_line = False

    def __init__(self, name: str) -> None:
        self._path = Path(name).expanduser()
        if not self._path.parent.is_dir():
            raise UsageError(f"There is no folder {self._path.parent}; make it first.")
        if self._path.is_dir():
            raise UsageError(f"{self._path} is a folder; name a file in it.")

    def event(self, name: str, data: Json) -> None:
        """Do nothing: a file is written as a whole."""

    def end(self, job: Json) -> None:
        if job.get("status") == "succeeded":
            self._replace(str(job.get("output") or "").encode("utf-8", "replace"))

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


def write_text(text: str) -> None:
    """Write to stdout at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def print_output(text: str) -> None:
    """Print the whole output of a job that has ended: harmless to a terminal, byte for byte to a pipe."""
    if not is_terminal():
        write_text(text)
    elif text:
        write_text(harmless(text.replace("\r\n", "\n")).removesuffix("\n") + "\n")
