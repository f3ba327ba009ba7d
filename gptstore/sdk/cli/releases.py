"""`gptstore install`, `upgrade`, `uninstall` and `list`: the releases of the store on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from gptstore.sdk.cli.console import print_json, print_note
from gptstore.sdk.cli.errors import CommandError, UsageError

SYNC = (sys.executable, "-m", "django", "sync_tools", "--settings=gptstore.settings")
NO_FOLDER = "Say where the store has its releases: by --releases FOLDER, or by GPTSTORE_RELEASES."

Source = Annotated[Path, typer.Argument(help="A bundle, or a plugin's folder, of which one is built.")]
Releases = Annotated[
    Path | None, typer.Option(envvar="GPTSTORE_RELEASES", help="The store's folder of releases.", show_envvar=True)
]
SignedBy = Annotated[
    str, typer.Option(metavar="KEY", help="Refuse it unless this public key signed it: the key, or its .pub file.")
]
Sync = Annotated[bool, typer.Option(help="Bring the catalogue up to date, if the store is installed here.")]


def install(source: Source, releases: Releases = None, signed_by: SignedBy = "", sync: Sync = True) -> None:
    """Put a plugin into the store on this machine, as a release with an environment of its own.

    Workers take it when they start.

    Examples:

        gptstore install dist/my-tool-1.2.0.gptx --releases var/releases
    """
    put(source, releases, signed_by, sync, replace=False)


def upgrade(source: Source, releases: Releases = None, signed_by: SignedBy = "", sync: Sync = True) -> None:
    """Put a plugin into the store on this machine, and remove its other versions when it is there.

    An older version is put back in the same way.

    Examples:

        gptstore upgrade dist/my-tool-1.3.0.gptx
    """
    put(source, releases, signed_by, sync, replace=True)


def uninstall(
    plugin: Annotated[str, typer.Argument(help="The name of the plugin's package.")],
    releases: Releases = None,
    sync: Sync = True,
) -> None:
    """Remove a plugin from the store on this machine. Its tools' runs stay.

    Examples:

        gptstore uninstall my-tool
    """
    from gptstore.sdk.bundle import installed
    from gptstore.sdk.bundle.errors import ReleaseFolderError

    place = folder_of(releases)
    try:
        for folder in installed.uninstall(plugin, place):
            typer.echo(folder)
    except ReleaseFolderError as error:
        raise CommandError(str(error)) from None
    synchronize(sync, place)


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
        found = find_installed(folder_of(releases))
    except ReleaseFolderError as error:
        raise CommandError(str(error)) from None
    for one in found:
        if as_json:
            print_json({**one.header.model_dump(), "folder": str(one.folder)})
        else:
            typer.echo(f"{one.header.name} {one.header.version}  {one.folder}")


def put(source: Path, releases: Path | None, signed_by: str, sync: bool, replace: bool) -> None:
    from gptstore.sdk.bundle import installed
    from gptstore.sdk.bundle.bundle import Bundle
    from gptstore.sdk.bundle.errors import BundleError, ReleaseFolderError
    from gptstore.sdk.cli.inspect import check_signer

    place = folder_of(releases)
    try:
        with bundle_of(source) as path, Bundle.open(path) as bundle:
            check_signer(bundle, signed_by)
            place.mkdir(parents=True, exist_ok=True)
            typer.echo(installed.install(bundle, place, replace))
    except BundleError as error:
        raise CommandError(f"{source} is refused. {error}") from None
    except ReleaseFolderError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{place} cannot be made: {error.strerror}.") from None
    synchronize(sync, place)


@contextmanager
def bundle_of(source: Path) -> Iterator[Path]:
    """Yield the bundle, or one that is built of a plugin's folder for this machine."""
    if not source.is_dir():
        yield source
        return
    from gptstore.sdk.cli.build import build_for_here

    with tempfile.TemporaryDirectory(prefix="gptstore-install-") as folder:
        yield build_for_here(source, Path(folder))


def folder_of(releases: Path | None) -> Path:
    if releases is None:
        raise UsageError(NO_FOLDER)
    return releases


def synchronize(asked: bool, releases: Path) -> None:
    """Bring the catalogue up to date. Raises CommandError when the store cannot."""
    if not asked:
        return
    if find_spec("django") is None or find_spec("gptstore.settings") is None:
        print_note("The store is not installed here. Run `manage.py sync_tools` where it is, and restart its workers.")
        return
    variables = {**os.environ, "GPTSTORE_RELEASES": str(releases.absolute())}
    done = subprocess.run([*SYNC], env=variables, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise CommandError(f"The release is in its folder, but the catalogue is not up to date: {last}")
    print_note(done.stdout.strip() + "\nRestart the workers: they take releases when they start.")
