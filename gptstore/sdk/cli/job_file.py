"""Saves the output of a job that is a file: under its own name for a person, as bytes to a pipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gptstore.sdk.cli.console import is_terminal, print_note
from gptstore.sdk.cli.errors import CommandError
from gptstore.sdk.cli.status_line import StatusLine
from gptstore.sdk.file import File
from gptstore.sdk.stored_file import read_file, read_head

Json = dict[str, Any]


class DownloadOutput:
    """Saves the file in the current folder when the run has succeeded; a pipe gets its bytes."""

    in_line = False

    def __init__(self, status: StatusLine) -> None:
        self._status = status

    def event(self, name: str, data: Json) -> None:
        """Do nothing: a file is written as a whole."""

    def end(self, job: Json) -> None:
        if job.get("status") != "succeeded":
            return
        file = file_of(job)
        if is_terminal():
            save_new(file, str(job.get("id") or ""))
            self._status.note(f"Saved {file.name}: {len(file.data):,} bytes, {file.media_type}.")
        else:
            write_bytes(file.data)


def file_of(job: Json) -> File:
    """Return the file that a job gave. Raises CommandError."""
    if (file := read_file(str(job.get("output") or ""))) is None:
        raise CommandError("The run has ended without a whole file.")
    return file


def describe_file(job: Json) -> None:
    """Tell the person what file there is, and how to save it."""
    if head := read_head(str(job.get("output") or "")):
        print_note(f"{head.name}: {head.size:,} bytes, {head.media_type}. To save it:  gptstore follow {job['id']}")


def save_new(file: File, job_id: str) -> None:
    """Write the file into the current folder. Raises CommandError where there is one with its name.

    Its name is the tool's choice: `read_file` takes none that leads out of the folder or is hidden.
    """
    again = f"gptstore follow {job_id} -o FILE" if job_id else "the same command with -o FILE"
    try:
        with Path(file.name).open("xb") as new:
            new.write(file.data)
    except FileExistsError:
        raise CommandError(f"There is a file {file.name} already. To choose another name:  {again}") from None
    except OSError as error:
        raise CommandError(f"{file.name} cannot be written: {error.strerror}. To choose a place:  {again}") from None


def write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
