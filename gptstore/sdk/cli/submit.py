"""`gptstore submit`: sends a plugin to a store as a new release."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gptstore.sdk.cli.console import is_terminal, print_json, print_note
from gptstore.sdk.cli.errors import CommandError, UsageError
from gptstore.sdk.cli.options import AllowHttp, AsJson, Server
from gptstore.sdk.cli.terminal import harmless_line

if TYPE_CHECKING:
    from gptstore.sdk.cli.store_client import Store

UNDECIDED = {"submitted", "checking", "in_review"}
REFUSED = {"rejected", "yanked", "quarantined"}
POLL_SECONDS = 2.0

Source = Annotated[Path, typer.Argument(help="A bundle, or a plugin's folder, of which one is built.")]
Platforms = Annotated[
    list[str] | None,
    typer.Option("--platform", help="A platform of the store's workers, to build the folder for; may be repeated."),
]
Wait = Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long to wait until somebody has decided.")]


def submit(
    source: Source = Path(),
    platform: Platforms = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
    server: Server = None,
    allow_http: AllowHttp = False,
) -> None:
    """Submit a plugin to a store, as a release that its admins review.

    The store checks the bundle at once and tells all that it refuses; nothing of it runs before somebody has approved
    it. The API key needs the right to submit releases: see your account page. The first one who submits a plugin owns
    it. A folder is built as by `gptstore build`, into a temporary folder.

    Prints the release, or its JSON. The status is 1 when the store refuses the bundle, or somebody rejects the release
    while the command waits.

    Examples:

        gptstore submit dist/my-tool-1.2.0.gptx

        gptstore submit my-tool --wait 600
    """
    from gptstore.sdk.cli.connect import connect

    with connect(server, allow_http=allow_http) as store:
        with bundle_of(source, platform or []) as bundle:
            print_note(f"Sending {bundle.stat().st_size / 1e6:.1f} MB to {store.server}.")
            release = store.submit_bundle(bundle)
        release = wait_for_decision(store, release, wait)
    if as_json or not is_terminal():
        print_json(release)
    else:
        typer.echo(describe(release))
    if release["stage"] in REFUSED:
        raise CommandError(describe(release))


@contextmanager
def bundle_of(source: Path, platforms: Sequence[str]) -> Iterator[Path]:
    """Yield the bundle, or one that is built of a plugin's folder for these platforms."""
    if source.is_file():
        if platforms:
            raise UsageError("--platform is for a folder: the bundle is built already.")
        yield source
        return
    if not source.is_dir():
        raise UsageError(f"There is no {source}: name a bundle, or a plugin's folder.")
    from gptstore.sdk.cli.build import carry_out
    from gptstore.sdk.wheels.errors import PlatformError
    from gptstore.sdk.wheels.order import Order
    from gptstore.sdk.wheels.platforms import DEFAULT, Platform

    try:
        wanted = tuple(dict.fromkeys(map(Platform.parse, platforms or [DEFAULT.name])))
    except PlatformError as error:
        raise UsageError(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="gptstore-submit-") as folder:
        yield carry_out(Order(source, Path(folder), wanted, keeps_lock=False))


def wait_for_decision(store: Store, release: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return the release once somebody has decided, or as it is after so many seconds. Tell each new stage."""
    print_note(describe(release))
    end = time.monotonic() + seconds
    while release["stage"] in UNDECIDED and time.monotonic() < end:
        time.sleep(min(POLL_SECONDS, max(0.0, end - time.monotonic())))
        found = store.release(release["id"])
        if found["stage"] != release["stage"]:
            print_note(describe(found))
        release = found
    return release


def describe(release: dict[str, Any]) -> str:
    """Return one line about a release: `my-tool 1.2.0: in review, https://…`."""
    stage = str(release["stage"]).replace("_", " ")
    reason = f" ({release['reason']})" if release.get("reason") else ""
    return harmless_line(f"{release['plugin']} {release['version']}: {stage}{reason}, {release['urls']['web']}")
