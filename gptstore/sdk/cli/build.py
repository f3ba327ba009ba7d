"""`gptstore build`: makes one file of a plugin with everything that a store needs to run it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError, UsageError
from gptstore.sdk.wheels.platforms import DEFAULT, Platform

if TYPE_CHECKING:
    from gptstore.sdk.wheels.order import Order


def build(
    path: Annotated[Path, typer.Argument(help="The plugin's folder, with pyproject.toml.")] = Path(),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder for the bundle; `dist` in the plugin's by default."),
    ] = None,
    platform: Annotated[
        list[str] | None,
        typer.Option(help=f"A platform of the store's workers; give it several times for several. [{DEFAULT.name}]"),
    ] = None,
    exclude_newer: Annotated[
        str, typer.Option(metavar="DATE", help="Take no package that was uploaded later; a week ago by default.")
    ] = "",
    upgrade: Annotated[
        bool, typer.Option("--upgrade", "-U", help="Lock the newest versions; forget the lock.")
    ] = False,
    adapter: Annotated[
        Path | None, typer.Option(help="A folder with a LoRA adapter in PEFT's format, as safetensors.")
    ] = None,
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="Sign with this key, of `gptstore keys new`.")
    ] = None,
    find_links: Annotated[
        list[Path] | None, typer.Option(help="A folder with wheels of your own to choose from.")
    ] = None,
    no_index: Annotated[bool, typer.Option("--no-index", help="Choose from these folders only.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a bundle of the same version.")] = False,
) -> None:
    """Make one file of a plugin: its wheel, all dependencies, a lock, the manifest and a bill of materials.

    Twice the same input gives the same file, byte for byte: `gptstore.lock`, which is written beside
    pyproject.toml, names every version with its hash. Keep it under version control.

    Examples:

        gptstore build

        gptstore build my-tool --sign ~/keys/acme --platform linux-x86_64-cp311 --platform linux-x86_64-cp312
    """
    from gptstore.sdk.wheels.errors import PlatformError, WheelError
    from gptstore.sdk.wheels.locking import read_time
    from gptstore.sdk.wheels.order import Order

    try:
        order = Order(
            project=path,
            output=output or path / "dist",
            platforms=tuple(dict.fromkeys(map(Platform.parse, platform or [DEFAULT.name]))),
            exclude_newer=read_time(exclude_newer) if exclude_newer else "",
            upgrade=upgrade,
            find_links=tuple(find_links or ()),
            no_index=no_index,
            adapter=adapter,
            key=sign,
            force=force,
        )
    except PlatformError as error:
        raise UsageError(str(error)) from None
    except WheelError as error:
        raise CommandError(str(error)) from None
    typer.echo(carry_out(order))


def carry_out(order: Order) -> Path:
    """Make the bundle and return where it is. Raises CommandError."""
    from gptstore.sdk.bundle.errors import AdapterError, BundleError, SigningKeyError
    from gptstore.sdk.wheels.assemble import assemble
    from gptstore.sdk.wheels.errors import WheelError

    try:
        return assemble(order, print_note)
    except (WheelError, BundleError, AdapterError, SigningKeyError) as error:
        raise CommandError(str(error)) from None


def build_for_here(project: Path, output: Path) -> Path:
    """Make a bundle for this machine, without a change in the project, and return where it is. Raises CommandError."""
    from gptstore.sdk.wheels.errors import PlatformError
    from gptstore.sdk.wheels.order import Order

    try:
        here = (Platform.here(),)
    except PlatformError as error:
        raise CommandError(str(error)) from None
    return carry_out(Order(project, output, here, keeps_lock=False))
