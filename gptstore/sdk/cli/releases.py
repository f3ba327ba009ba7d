"""`gptstore install`, `upgrade`, `uninstall` and `list`: the releases of the store on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from gptstore.sdk.cli.console import print_json, print_note
from gptstore.sdk.cli.errors import CommandError, StoreFailed
from gptstore.sdk.cli.local_store import LocalStore, StoreCommand, find_store
from gptstore.sdk.cli.worker_report import report_workers

Source = Annotated[Path, typer.Argument(help="A bundle, or a plugin's folder, of which one is built.")]
Releases = Annotated[
    Path | None, typer.Option(envvar="GPTSTORE_RELEASES", help="The store's folder of releases.", show_envvar=True)
]
SignedBy = Annotated[
    str, typer.Option(metavar="KEY", help="Refuse it unless this public key signed it: the key, or its .pub file.")
]
Sync = Annotated[bool, typer.Option(help="Bring the catalogue up to date, if the store is installed here.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long to wait until the workers have it.")]
WAIT_SECONDS = 60.0


def install(
    source: Source, releases: Releases = None, signed_by: SignedBy = "", sync: Sync = True, wait: Wait = WAIT_SECONDS
) -> None:
    """Put a plugin into the store on this machine, as a release with an environment of its own.

    Running workers take it at once, without a restart, and the command says when they have. Without --releases it is
    the store of `make demo`.

    Examples:

        gptstore install my-tool

        gptstore install dist/my-tool-1.2.0.gptx --releases var/releases
    """
    put(source, releases, signed_by, sync, wait, replace=False)


def upgrade(
    source: Source, releases: Releases = None, signed_by: SignedBy = "", sync: Sync = True, wait: Wait = WAIT_SECONDS
) -> None:
    """Put a plugin into the store on this machine, and remove its other versions when it is there.

    Runs that have begun end on the version with which they began. An older version is put back in the same way.

    Examples:

        gptstore upgrade dist/my-tool-1.3.0.gptx
    """
    put(source, releases, signed_by, sync, wait, replace=True)


def uninstall(
    plugin: Annotated[str, typer.Argument(help="The name of the plugin's package.")],
    releases: Releases = None,
    sync: Sync = True,
    wait: Wait = WAIT_SECONDS,
) -> None:
    """Remove a plugin from the store on this machine. Its tools' runs stay, and those that have begun end.

    Examples:

        gptstore uninstall my-tool
    """
    from gptstore.sdk.bundle import installed
    from gptstore.sdk.bundle.errors import ReleaseFolderError

    store = find_store(releases)
    with syncing(store, sync) as sync_and_wait:
        try:
            gone = installed.uninstall(plugin, store.releases)
        except ReleaseFolderError as error:
            raise CommandError(str(error)) from None
        for folder in gone:
            typer.echo(folder)
        sync_and_wait(plugin, "retired", {"ready": [], "gone": [*gone.values()], "seconds": wait})


def list_releases(
    releases: Releases = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False
) -> None:
    """List the plugins that were installed from bundles.

    Examples:

        gptstore list
    """
    from gptstore.sdk.bundle.errors import ReleaseFolderError
    from gptstore.sdk.bundle.installed import find_installed

    try:
        found = find_installed(find_store(releases).releases)
    except ReleaseFolderError as error:
        raise CommandError(str(error)) from None
    for one in found:
        if as_json:
            print_json({**one.header.model_dump(), "folder": str(one.folder)})
        else:
            typer.echo(f"{one.header.name} {one.header.version}  {one.folder}")


def put(source: Path, releases: Path | None, signed_by: str, sync: bool, wait: float, *, replace: bool) -> None:
    from gptstore.sdk.bundle import installed
    from gptstore.sdk.bundle.bundle import Bundle
    from gptstore.sdk.bundle.errors import BundleError, ReleaseFolderError
    from gptstore.sdk.bundle.release_key import release_key
    from gptstore.sdk.cli.inspect import check_signer

    store = find_store(releases)
    place = store.releases
    with syncing(store, sync) as sync_and_wait:
        try:
            with bundle_of(source) as path, Bundle.open(path) as bundle:
                check_signer(bundle, signed_by)
                plugin = bundle.contents.header.name
                place.mkdir(parents=True, exist_ok=True)
                folder = installed.install(bundle, place, replace)
                typer.echo(folder)
        except BundleError as error:
            raise CommandError(f"{source} is refused. {error}") from None
        except ReleaseFolderError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{place} cannot be made: {error.strerror}.") from None
        sync_and_wait(plugin, "ready", {"ready": [release_key(folder)], "gone": [], "seconds": wait})


@contextmanager
def bundle_of(source: Path) -> Iterator[Path]:
    """Yield the bundle, or one that is built of a plugin's folder for this machine."""
    if not source.is_dir():
        yield source
        return
    from gptstore.sdk.cli.build import build_for_here

    with tempfile.TemporaryDirectory(prefix="gptstore-install-") as folder:
        yield build_for_here(source, Path(folder))


@contextmanager
def syncing(store: LocalStore, asked: bool) -> Iterator[Callable[[str, str, dict[str, Any]], None]]:
    """Yield what brings the catalogue up to date with a change of a plugin, and waits until the workers have it."""
    if not asked:
        yield lambda plugin, done, request: None
        return
    with store.start("sync_releases") as command:
        yield lambda plugin, done, request: run_sync(command, plugin, done, request)


def run_sync(command: StoreCommand | None, plugin: str, done: str, request: dict[str, Any]) -> None:
    """Do so. done: what the plugin then is, such as "ready". Raises CommandError where that fails."""
    if command is None:
        print_note(
            "The store is not installed here. Run `manage.py sync_tools` where it is; its workers take the change."
        )
        return
    began = monotonic()
    try:
        result = command.ask(request)
    except StoreFailed as failure:
        raise CommandError(f"The folder is changed, but the catalogue is not up to date: {failure}") from None
    print_note(f"Tools of releases: {', '.join(result['tools']) or 'none'}")
    report_workers(result, plugin, done, monotonic() - began)
