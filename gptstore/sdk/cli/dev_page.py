"""Serves the page of `gptstore dev`."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from gptstore.sdk.cli.check import from_here
from gptstore.sdk.cli.console import is_terminal, print_note
from gptstore.sdk.cli.dev_model import open_model
from gptstore.sdk.cli.dev_options import Arguments
from gptstore.sdk.cli.errors import CommandError, JobCanceled
from gptstore.sdk.project.errors import ProjectError
from gptstore.sdk.project.project import PYPROJECT
from gptstore.sdk.project.reading import read_project

ENDS = "Each save shows there. Ctrl-C ends."
TERMINATED = 128 + signal.SIGTERM


def serve_page(folder: Path, arguments: Arguments) -> None:
    """Serve the page until somebody interrupts it. Raises CommandError."""
    from gptstore.sdk.dev.page.live_plugin import LivePlugin
    from gptstore.sdk.dev.page.server import PortTaken, open_port, serve
    from gptstore.sdk.dev.page.site import Given, Site
    from gptstore.sdk.dev.sandbox import DevSandbox
    from gptstore.sdk.dev.watcher import Watcher

    if not (folder / PYPROJECT).is_file():  # what else is wrong can be mended while the page is open
        refuse_folder(folder)
    signal.signal(signal.SIGTERM, end)
    with (
        closing(DevSandbox(folder, is_wanted=arguments.wants_sandbox)) as sandbox,
        LivePlugin(folder, sandbox=sandbox) as plugin,
        Watcher(folder, plugin.reload) as watcher,
    ):
        prefill = arguments.prefill(plugin.wait().manifest)
        options = prefill.options
        source = open_model(options)
        if source.file is not None:
            watcher.add(source.file)
        given = Given(prefill.slug, prefill.values, prefill.settings)
        site = Site(plugin, source.model_for, given, lambda problem: from_here(folder, problem))
        print_note(sandbox.rights.describe())
        try:
            opens = can_open() if options.opens is None else options.opens
            serve(site, open_port(options.port), started=show_address, opens=opens, rights=sandbox.rights)
        except PortTaken as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(JobCanceled.status) from None
        finally:
            source.close()


def refuse_folder(folder: Path) -> None:
    """Say why this is no folder of a plugin. Raises CommandError."""
    try:
        read_project(folder)
    except ProjectError as error:
        raise CommandError(str(from_here(folder, error.problem))) from None


def can_open() -> bool:
    """Return whether a person sits here who has a browser with windows; one in the terminal would be in the way."""
    has_windows = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return is_terminal() and has_windows and "SSH_CONNECTION" not in os.environ


def show_address(address: str) -> None:
    """Print where the page is."""
    typer.echo(address)
    sys.stdout.flush()
    print_note(ENDS)


def end(number: int, frame: FrameType | None) -> NoReturn:
    """End as a signal asks for, with all processes that were started."""
    raise SystemExit(TERMINATED)
