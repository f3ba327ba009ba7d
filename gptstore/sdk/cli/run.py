"""`gptstore run`: runs a tool of a store, with flags made from the schema of its input."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from gptstore.sdk.cli.completion import complete_slug
from gptstore.sdk.cli.console import print_json
from gptstore.sdk.cli.errors import InputError
from gptstore.sdk.cli.files import LocalFiles
from gptstore.sdk.cli.flag_values import Given, check_complete, find_missing, put, read_input, read_pipe, read_whole
from gptstore.sdk.cli.flags import Flag, read_flags
from gptstore.sdk.cli.options import AllowHttp, AsJson, Output, Server
from gptstore.sdk.cli.tool_command import Action, call_tool_command

if TYPE_CHECKING:
    from gptstore.sdk.cli.job_view import JobView
    from gptstore.sdk.cli.store_client import Store

Json = dict[str, Any]

Slug = Annotated[
    str,
    typer.Argument(metavar="SLUG", help="The tool, as `gptstore tools` lists it.", autocompletion=complete_slug),
]
Whole = Annotated[
    str | None,
    typer.Option("--input", metavar="JSON|@FILE", help="The whole input as JSON. What is given by flags wins."),
]
Detach = Annotated[bool, typer.Option("--detach", help="Print the id of the run, and do not wait for it.")]
Batch = Annotated[bool, typer.Option("--batch", help="Let every interactive run go first.")]
CancelAfter = Annotated[
    str | None,
    typer.Option("--cancel-after", metavar="TIME", help="Cancel the run when it has not ended by then: 30s, 5m, 1h."),
]
RESERVED = (
    *("--json", "--output", "--detach", "--input", "--batch", "--cancel-after", "--server", "--allow-http"),
    "--help",
)
"""The command's own flags. An input of a tool that has the name of one is `--input-NAME`."""


@dataclass(frozen=True)
class RunOptions:
    """How to run a tool, as the command's own options say; docs/command-line.md has their meaning."""

    as_json: bool
    output: str | None
    detach: bool
    whole: str | None
    batch: bool
    cancel_after: str | None
    server: str | None
    allow_http: bool


def run(
    context: typer.Context,
    slug: Slug,
    as_json: AsJson = False,
    output: Output = None,
    detach: Detach = False,
    whole: Whole = None,
    batch: Batch = False,
    cancel_after: CancelAfter = None,
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """Run a tool, and print its output while it arrives.

    The flags behind the tool's name are its inputs: `gptstore run SLUG --help` lists them. `@file` is the content of a
    file, `@-` is stdin, `@@` an @ itself. A text from a pipe fills the first required text that has no flag. Ctrl-C
    cancels the run. The status is 0 when it succeeded, 1 when it failed, 130 when it was canceled.

    A pipe gets the bare output, byte for byte, a table as CSV; with --json the events, one a line. A file is saved in
    the current folder under its own name, unless there is one already.

    Examples:

        gptstore run summarizer --text @report.txt --length short

        git diff | gptstore run summarizer > summary.txt

        gptstore run summarizer --help
    """
    before = RunOptions(as_json, output, detach, whole, batch, cancel_after, server, allow_http)
    call_run(slug, context.args, before)


def call_run(slug: str, arguments: Sequence[str], before: RunOptions) -> None:
    """Fetch the tool, and run it with the arguments behind its slug; or print its help, if they ask for it.

    before: the options that stand before the slug.
    """
    from gptstore.sdk.cli.connect import connect

    server = find_value(arguments, "--server") or before.server
    with connect(server, allow_http=before.allow_http or "--allow-http" in arguments) as store:
        tool = store.tool(slug)
        flags = read_flags(tool["input_schema"], RESERVED)

        def action(own: Json, given: Given) -> None:
            options = RunOptions(**{name: value or getattr(before, name) for name, value in own.items()})
            start_run(store, tool, flags, given, options)

        parse(tool, flags, arguments, action)


def parse(tool: Json, flags: Sequence[Flag], arguments: Sequence[str], action: Action) -> None:
    """Parse the arguments behind the slug, and call the action with what they say."""
    call_tool_command(
        arguments,
        flags,
        action,
        program=f"gptstore run {tool['slug']}",
        about=f"{tool['title']}: {tool['summary']}",
        options=[*inspect.signature(run, eval_str=True).parameters.values()][2:],
    )


def print_help(tool: Json) -> None:
    """Print the flags of a tool, and end the process."""
    parse(tool, read_flags(tool["input_schema"], RESERVED), ["--help"], lambda own, given: None)


def start_run(store: Store, tool: Json, flags: Sequence[Flag], given: Given, options: RunOptions) -> None:
    """Run the tool and show the run to its end, unless it is detached. Raises CommandError unless it succeeds."""
    from gptstore.sdk.cli.job_view import JobView, raise_unless_succeeded

    made = make_input(flags, given, options.whole)
    view = JobView(as_json=options.as_json, output=options.output, kind=tool["output"])
    store.note = view.note
    body = {"input": made, "priority": "batch" if options.batch else "interactive"}
    try:
        job = submit(store, tool["slug"], body, options.cancel_after)
    except InputError as error:
        raise InputError(by_flag(error.problems, flags)) from None
    if options.detach:
        print_json(job) if options.as_json else typer.echo(job["id"])
        return
    view.show_queued(job)
    raise_unless_succeeded(show_or_cancel(store, job["id"], view))


def make_input(flags: Sequence[Flag], given: Given, whole: str | None, files: LocalFiles | None = None) -> Json:
    """Return the input from flags, `--input` and a pipe. Raises UsageError."""
    files = files or LocalFiles()
    made: Json = read_input(flags, given, files, read_whole(whole, files) if whole is not None else None)
    empty = [flag for flag in find_missing(flags, made) if flag.takes_pipe]
    if empty and files.has_pipe and (value := read_pipe(empty[0], files)) is not None:
        put(made, empty[0].path, value)
    check_complete(flags, made)
    return made


def submit(store: Store, slug: str, body: Json, cancel_after: str | None) -> Json:
    """Queue one run, however often the request has to be sent. An interruption cancels it."""
    send = partial(store.submit, slug, body, str(uuid4()), cancel_after)
    try:
        return send()
    except KeyboardInterrupt:
        store.note("Canceling the run. Ctrl-C again leaves at once.")
        store.cancel(send()["id"])  # the store may have made it already, and then this is the same one
        raise


def show_or_cancel(store: Store, job_id: str, view: JobView) -> Json:
    """Show the run to its end, and return its job. An interruption cancels the run, as the end of the pipe does."""
    from gptstore.sdk.cli.follow import Following

    events = Following(store, job_id)
    try:
        return view.show(events)
    except KeyboardInterrupt:
        view.note("Canceling the run. Ctrl-C again leaves at once.")
        store.cancel(job_id)
        return view.show(events)
    except BrokenPipeError:
        store.cancel(job_id)
        raise


def by_flag(problems: Json, flags: Sequence[Flag]) -> dict[str, str]:
    """Name the flags of what the store refuses."""
    names = {"Cancel-After": "--cancel-after"} | {".".join(flag.path): flag.name for flag in flags}
    return {names.get(field, field): problem for field, problem in problems.items()}


def find_value(arguments: Sequence[str], option: str) -> str | None:
    """Return the value of an option that has to be known before the arguments can be parsed."""
    for place, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option:
            return next(iter(arguments[place + 1 :]), None)
    return None
