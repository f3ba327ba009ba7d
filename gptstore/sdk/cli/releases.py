"""`gptstore install`, `uninstall` and `list`: the releases of the store on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gptstore.sdk.cli.console import print_json
from gptstore.sdk.cli.local_store import find_store
from gptstore.sdk.cli.release_source import changing, make, opened
from gptstore.sdk.cli.release_sync import Request, start_sync

Source = Annotated[Path, typer.Argument(help="A bundle, or a plugin's folder, of which one is built.")]
Releases = Annotated[
    Path | None, typer.Option(envvar="GPTSTORE_RELEASES", help="The store's folder of releases.", show_envvar=True)
]
SignedBy = Annotated[
    str, typer.Option(metavar="KEY", help="Refuse it unless this public key signed it: the key, or its .pub file.")
]
IsSynced = Annotated[bool, typer.Option(help="Bring the catalogue up to date, if the store is installed here.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long to wait until the workers have it.")]
WAIT_SECONDS = 60.0


def install(
    source: Source,
    releases: Releases = None,
    signed_by: SignedBy = "",
    sync: IsSynced = True,
    wait: Wait = WAIT_SECONDS,
) -> None:
    """Put a plugin into the store on this machine, as a release with an environment of its own.

    Running workers take it at once, without a restart, and the command says when they have. Without --releases it is
    the store of `make demo`.

    Examples:

        gptstore install my-tool

        gptstore install dist/my-tool-1.2.0.gptx --releases var/releases
    """
    from gptstore.sdk.bundle import installed
    from gptstore.sdk.bundle.release_key import release_key

    store = find_store(releases)
    with start_sync(store, sync) as syncing:
        with changing(store.releases), opened(source, signed_by) as bundle:
            plugin = bundle.contents.header.name
            folder = installed.install(bundle, make(store.releases))
        typer.echo(folder)
        syncing.report(plugin, "ready", Request(wait, [release_key(folder)]))


def uninstall(
    plugin: Annotated[str, typer.Argument(help="The name of the plugin's package.")],
    releases: Releases = None,
    sync: IsSynced = True,
    wait: Wait = WAIT_SECONDS,
) -> None:
    """Remove a plugin from the store on this machine. Its tools' runs stay, and those that have begun end.

    Examples:

        gptstore uninstall my-tool
    """
    from gptstore.sdk.bundle import installed

    store = find_store(releases)
    with start_sync(store, sync) as syncing:
        with changing(store.releases):
            gone = installed.uninstall(plugin, store.releases)
        for folder in gone:
            typer.echo(folder)
        syncing.report(plugin, "retired", Request(wait, gone=[*gone.values()]))


def list_releases(
    releases: Releases = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False
) -> None:
    """List the plugins that were installed from bundles.

    Examples:

        gptstore list
    """
    from gptstore.sdk.bundle.installed import find_installed

    folder = find_store(releases).releases
    with changing(folder):
        found = find_installed(folder)
    for one in found:
        if as_json:
            print_json({**one.header.model_dump(), "folder": str(one.folder)})
        else:
            typer.echo(f"{one.header.name} {one.header.version}  {one.folder}")
