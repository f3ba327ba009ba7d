"""What `gptstore check --record` says of each tool, and writes into its source."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gptstore.sdk.cli.console import print_note, stdout
from gptstore.sdk.cli.terminal import harmless
from gptstore.sdk.recording.decorator import UneditableError, edit_declaration
from gptstore.sdk.recording.observed import Observed
from gptstore.sdk.recording.proposal import NETWORK, Change, notes, propose
from gptstore.sdk.recording.record_project import record_project

if TYPE_CHECKING:
    from gptstore.sdk.intake.check_project import Report

_NOT_SEEN = "Connections of libraries that are not Python's, and of programs that a tool starts, are not seen."


@dataclass
class Recording:
    """What was observed of a tool, and what its declaration should be. file, line: of its function.

    is_written: the source has it now. trouble: why it could not be written.
    """

    observed: Observed
    changes: list[Change]
    notes: list[str]
    file: Path
    line: int
    is_written: bool = False
    trouble: str = ""

    @property
    def tool(self) -> str:
        return self.observed.tool

    @property
    def place(self) -> str:
        """Return the file and line, as reached from the current folder where it is below that."""
        here = Path.cwd()
        shown = self.file.relative_to(here) if self.file.is_relative_to(here) else self.file
        return f"{shown.as_posix()}:{self.line}"

    def lines(self) -> list[str]:
        """Return what to paste into `@tool`."""
        return [f"{change.option}={change.proposed}," for change in self.changes]

    def write(self) -> None:
        """Change the source, or note why that is not safe."""
        values = {change.option: change.proposed for change in self.changes}
        try:
            edit_declaration(self.file, self.line, values)
            self.is_written = True
        except UneditableError as error:
            self.trouble = str(error)

    def as_data(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            **self.observed.model_dump(mode="json"),
            "changes": [asdict(change) for change in self.changes],
            "notes": self.notes,
            "paste": self.lines(),
            "is_written": self.is_written,
            "trouble": self.trouble,
        }


def recordings_of(folder: Path, report: Report, seconds: float, *, write: bool) -> list[Recording]:
    """Record every tool of a project that could be imported. write: also change the source."""
    from gptstore.sdk.project.reading import read_project

    if report.manifest is None:
        return []
    tools = {tool.slug: tool for tool in report.manifest.tools}
    found = []
    for observed in record_project(read_project(folder), report.manifest, seconds):
        tool, (file, line) = tools[observed.tool], report.lines[observed.tool]
        said = [] if observed.error else [*notes(observed, tool)]
        found.append(Recording(observed, [*propose(observed, tool)], said, Path(file), line))
    if write:
        write_changes(found)
    return found


def write_changes(recordings: Iterable[Recording]) -> None:
    """Write what was proposed, the last of a file first: those above keep their lines."""
    for one in sorted(recordings, key=lambda one: (one.file, one.line), reverse=True):
        if one.changes:
            one.write()


def print_recordings(recordings: list[Recording]) -> None:
    """Print what was recorded, and on a terminal ask whether to write it."""
    for one in recordings:
        print_recording(one)
    open_ones = [one for one in recordings if one.changes and not one.is_written and not one.trouble]
    if open_ones and sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("Write this into the source?"):
        write_changes(open_ones)
    for one in recordings:
        if one.is_written:
            print_note(f"{one.place}: written.")
        elif one.changes:
            why = f"{one.trouble}; paste into @tool" if one.trouble else "paste into @tool, or give --write"
            say(f"{one.place}: {why}:")
            for line in one.lines():
                say(f"    {line}")
        if hosts := [change for change in one.changes if change.option == NETWORK and change.proposed]:
            print_note(f'The docstring has to say why, too: "Network: {hosts[0].because.removeprefix("it ")}, for …"')
    if recordings:
        print_note(_NOT_SEEN)


def print_recording(one: Recording) -> None:
    """Print what a tool's examples took, and the difference to its declaration."""
    found = one.observed
    if found.error:
        say(f"{one.tool}: not recorded: {found.error}")
        return
    memory = "" if found.memory is None else f", {found.memory / 1e6:.1f} MB"
    tokens = found.prompt_tokens + found.answer_tokens
    hosts = ", ".join(found.hosts) or "no host"
    examples = f"{found.examples} {'example' if found.examples == 1 else 'examples'}"
    say(f"{one.tool}: {examples}: {found.seconds:.2f} s{memory}, {tokens} tokens, {hosts}")
    for change in one.changes:
        declared = "none" if change.declared is None else change.declared
        say(f"  {change.option}: {declared} → {change.proposed} ({change.because})")
    if not one.changes:
        say("  its limits fit")
    for note in one.notes:
        say(f"  note: {note}")


def say(text: str) -> None:
    """Print a line, whatever names a plugin gives."""
    stdout.print(harmless(text), markup=False)
