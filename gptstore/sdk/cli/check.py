"""`gptstore check`: everything that a store would refuse of a plugin, with file, line and the mend."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gptstore.sdk.cli.console import print_json, print_note
from gptstore.sdk.cli.errors import CommandError, UsageError
from gptstore.sdk.problem import Problem

if TYPE_CHECKING:
    from rich.text import Text

    from gptstore.sdk.intake.cards import Owners
    from gptstore.sdk.intake.check_project import Report

COLORS = {"error": "bold red", "warning": "yellow"}


def check(
    path: Annotated[Path, typer.Argument(help="The folder with the plugin's pyproject.toml.")] = Path("."),
    server: Annotated[
        str, typer.Option(help="The address of a store: its tools' slugs are taken, too.", metavar="URL")
    ] = "",
    seconds: Annotated[
        float, typer.Option(min=0.1, help="How long the import may take, and each example, before it is ended.")
    ] = 10.0,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no package index, only what uv has cached.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    sarif: Annotated[
        Path | None, typer.Option(help="Also write the problems to this file, in SARIF 2.1.0.", metavar="FILE")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Also record what the examples take, and propose the smallest limits.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write what --record proposes into the source, and ask nobody.")
    ] = False,
) -> None:
    """Find everything that a store would refuse of a plugin, by the store's own rules.

    Each problem is one line: file, line, rule, what is wrong, how to mend it.
    The plugin is imported in a process of its own, without being installed;
    its dependencies have to be installed here. Each example runs on a
    scripted model. The status is 1 when a store would refuse the plugin;
    warnings alone leave it 0.

    With --record it also measures what each tool's examples take and reach:
    seconds, memory, tokens, hosts, files outside of the run's folder. It
    proposes the smallest limits (max_seconds, max_memory_mb,
    max_model_tokens) and the network or none, and writes them into the
    decorator @tool once you say yes, or with --write.

    Examples:

        gptstore check

        gptstore check path/to/my-tool --server https://store.example

        gptstore check --sarif problems.sarif --json

        gptstore check --record --write
    """
    from gptstore.sdk.cli.console import stdout
    from gptstore.sdk.cli.record import print_recordings, recordings_of
    from gptstore.sdk.intake.check_project import Options, check_project

    if not path.is_dir():
        raise UsageError(f"There is no folder {path}: name the folder that has the plugin's pyproject.toml.")
    if write and not record:
        raise UsageError("--write writes what --record proposes: give both.")
    options = Options(seconds=seconds, offline=offline, **({"owner": owners(server)} if server else {}))
    report = check_project(path, options)
    problems = [from_here(path, problem) for problem in report.problems]
    if sarif is not None:
        write_sarif(sarif, problems)
    recordings = recordings_of(path, report, seconds, write=write) if record else None
    if as_json:
        recorded = {} if recordings is None else {"recorded": [one.as_data() for one in recordings]}
        print_json(as_data(report, problems) | recorded)
    else:
        for problem in problems:
            stdout.print(colored(problem))
            for line in table_of(problem):
                print_note(line)
        print_note(summary(report))
        print_recordings(recordings or [])
    if report.errors:
        raise typer.Exit(CommandError.status)


def owners(server: str) -> Owners:
    """Return the function that says whose a slug is: a built-in plugin's, or one's in the store's catalogue."""
    from gptstore.sdk.cli.slug_owner import find_owner
    from gptstore.sdk.intake.built_in import owner_of

    return lambda slug: owner_of(slug) or find_owner(server, slug)


def from_here(folder: Path, problem: Problem) -> Problem:
    """Return the problem with its file as it is reached from the current folder, if that is within it."""
    whole = (folder / problem.file).resolve()
    is_below = problem.file and whole.is_relative_to(Path.cwd())
    return replace(problem, file=whole.relative_to(Path.cwd()).as_posix()) if is_below else problem


def colored(problem: Problem) -> Text:
    """Return its line, with the rule in the color of its severity where there are colors."""
    from rich.text import Text

    text = Text(str(problem))
    start = len(problem.place) + 2 if problem.place else 0
    text.stylize(COLORS[problem.severity], start, start + len(problem.rule))
    return text


def table_of(problem: Problem) -> list[str]:
    """Return the requirements that exclude each other, one a line, for people."""
    width = max((len(versions) for versions, _ in problem.needs), default=0)
    return [f"    {versions:{width}}  {asker}" for versions, asker in problem.needs]


def summary(report: Report) -> str:
    """Return what was checked, in one sentence."""
    count = len(report.errors)
    if count:
        return f"A store would refuse it: {count} {'problem' if count == 1 else 'problems'}."
    assert report.manifest is not None
    tools = report.manifest.tools
    examples = sum(len(tool.examples) for tool in tools)
    return (
        f"{report.manifest.name} {report.manifest.version} is fine. Tools: {len(tools)}, examples that ran: {examples}."
    )


def as_data(report: Report, problems: list[Problem]) -> dict[str, object]:
    """Return the report for programs."""
    manifest = report.manifest
    return {
        "name": manifest.name if manifest else None,
        "version": manifest.version if manifest else None,
        "tools": [tool.slug for tool in manifest.tools] if manifest else [],
        "problems": [asdict(problem) for problem in problems],
    }


def write_sarif(path: Path, problems: list[Problem]) -> None:
    from gptstore.sdk.cli.sarif import as_sarif

    try:
        path.write_text(as_sarif(problems), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} can't be written ({os.strerror(error.errno or 0)}): name another file.") from None
