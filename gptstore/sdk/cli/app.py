"""All commands, and how they end: with a status, and with one sentence where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from gptstore.sdk.cli.build import build
from gptstore.sdk.cli.check import check
from gptstore.sdk.cli.command_list import CommandList
from gptstore.sdk.cli.console import print_error
from gptstore.sdk.cli.dev import dev
from gptstore.sdk.cli.errors import CommandError
from gptstore.sdk.cli.inspect import inspect
from gptstore.sdk.cli.jobs import cancel, follow, jobs
from gptstore.sdk.cli.keys import keys
from gptstore.sdk.cli.login import login, logout, servers
from gptstore.sdk.cli.new import new
from gptstore.sdk.cli.releases import install, list_releases, uninstall
from gptstore.sdk.cli.run import run as run_tool
from gptstore.sdk.cli.submit import submit
from gptstore.sdk.cli.tools import tools
from gptstore.sdk.cli.upgrade import upgrade

app = typer.Typer(
    name="gptstore",
    cls=CommandList,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"gptstore {version('gptstore-sdk')}")
        raise typer.Exit


@app.callback()
def gptstore(
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Write tools for a gptstore, and run them."""


RAW = {"allow_extra_args": True, "allow_interspersed_args": False}
"""For a command whose last arguments another parser reads."""

RAW_FROM_THE_START = {**RAW, "ignore_unknown_options": True}
"""For one of which the other parser may have to read all."""

app.command()(new)
app.command("dev", context_settings=RAW_FROM_THE_START)(dev)
app.command()(check)
app.command()(build)
app.command()(inspect)
app.command()(submit)
app.command()(install)
app.command("list")(list_releases)
app.command()(uninstall)
app.command()(upgrade)
app.add_typer(keys, name="keys")
app.command("run", context_settings=RAW)(run_tool)
app.command()(tools)
app.command()(jobs)
app.command()(follow)
app.command()(cancel)
app.command()(login)
app.command()(logout)
app.command()(servers)


def run(arguments: Sequence[str]) -> int:
    """Run a command. Return its status: 0, or what `gptstore.sdk.cli.errors` says."""
    try:
        app(args=[*arguments], prog_name="gptstore")
    except CommandError as error:
        print_error(error)
        return error.status
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
