"""`gptstore jobs`, `follow` and `cancel`: the runs that were made, here or elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gptstore.sdk.cli.completion import complete_slug
from gptstore.sdk.cli.console import is_terminal, print_json, print_note
from gptstore.sdk.cli.job_ids import read_job_id, shorten
from gptstore.sdk.cli.options import AllowHttp, AsJson, Output, Server
from gptstore.sdk.cli.terminal import harmless_line
from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_file import read_head
from gptstore.sdk.stored_table import StoredTable

Json = dict[str, Any]
TITLES = ("ID", "STATUS", "TOOL", "CREATED", "OUTPUT")
JobId = Annotated[str, typer.Argument(metavar="ID", help="The id of a run, or a unique beginning of it.")]
OneJob = Annotated[
    str | None, typer.Argument(metavar="ID", help="The id of a run, or a unique beginning: show that one.")
]
ToolFilter = Annotated[
    str | None, typer.Option("--tool", metavar="SLUG", help="Runs of one tool.", autocompletion=complete_slug)
]
StatusFilter = Annotated[
    str | None, typer.Option("--status", help="Runs that are queued, running, succeeded, failed or canceled.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]


def jobs(
    job_id: OneJob = None,
    tool: ToolFilter = None,
    status: StatusFilter = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """List your runs, the newest first; or show one with its output.

    A list is a table on a terminal, JSON lines to a pipe. Of one run, stdout gets the bare output and stderr the rest;
    with --json stdout gets the run as the API returns it.

    Examples:

        gptstore jobs --tool summarizer --status failed

        gptstore jobs 01a2049d > summary.txt
    """
    from gptstore.sdk.cli.connect import connect
    from gptstore.sdk.cli.table import print_table

    with connect(server, allow_http=allow_http) as store:
        if job_id is not None:
            show_job(store.job(read_job_id(store, job_id)), as_json=as_json)
            return
        found = list(store.jobs(limit, status, tool))
    if as_json or not is_terminal():
        for job in found:
            print_json(job)
    elif found:
        shortened = shorten([job["id"] for job in found])
        print_table(TITLES, map(row_of, shortened, found), cuts_last=True)
    else:
        print_note("There are no such runs.")


def follow(
    job_id: JobId,
    as_json: AsJson = False,
    output: Output = None,
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """Print the output of a run from its beginning, and go on while it arrives.

    Ctrl-C ends the command and not the run. The status is that of `gptstore run`.

    Examples:

        gptstore follow 01a2049d
    """
    from gptstore.sdk.cli.connect import connect
    from gptstore.sdk.cli.follow import Following
    from gptstore.sdk.cli.job_view import JobView, raise_unless_succeeded

    with connect(server, allow_http=allow_http) as store:
        found = read_job_id(store, job_id)
        view = JobView(as_json=as_json, output=output, kind=store.job(found).get("output_kind", OutputKind.TEXT))
        store.note = view.note
        raise_unless_succeeded(view.show(Following(store, found)))


def cancel(
    job_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of runs, or unique beginnings.")],
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """Cancel runs; what they wrote so far is kept. One that has ended stays as it is.

    Examples:

        gptstore cancel 01a2049d
    """
    from gptstore.sdk.cli.connect import connect

    with connect(server, allow_http=allow_http) as store:
        for job_id in [read_job_id(store, typed) for typed in job_ids]:
            print_note(f"{job_id}: {describe_canceled(store.cancel(job_id))}")


def describe_canceled(job: Json) -> str:
    """Say what became of the request to cancel a job."""
    match job["status"]:
        case "canceled":
            return "canceled"
        case "queued" | "running":
            return "it is being canceled"
        case ended:
            return f"it had {harmless_line(str(ended))} already"


def show_job(job: Json, *, as_json: bool) -> None:
    """Print a job: its output to stdout, everything else to stderr."""
    from gptstore.sdk.cli.job_output import print_output

    if as_json:
        print_json(job)
        return
    print_note(describe(job))
    if error := job.get("error"):
        print_note(f"{error.get('message')} ({error.get('code')})")
    print_output(job)


def describe(job: Json) -> str:
    seconds = (job.get("metrics") or {}).get("run_seconds")
    took = f", {seconds:g} s" if isinstance(seconds, int | float) else ""
    return f"{job['tool']}: {job['status']}{took}, created {job['created_at']}, {job['urls']['web']}"


def row_of(short: str, job: Json) -> tuple[str, ...]:
    """Return the cells of a job. short: as much of its ID as tells it from the others."""
    created = str(job["created_at"])[:16].replace("T", " ")
    error = (job.get("error") or {}).get("message")
    return short, job["status"], job["tool"], created, (excerpt(job) or error or "").strip()[:200]


def excerpt(job: Json) -> str:
    """Return the beginning of the output, as a person reads it."""
    text = job.get("output") or ""
    match job.get("output_kind"):
        case OutputKind.TABLE:
            return StoredTable(text).excerpt()
        case OutputKind.FILE:
            head = read_head(text)
            return f"{head.name} ({head.size:,} bytes)" if head else ""
    return str(text)
