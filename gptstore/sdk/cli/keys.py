"""`gptstore keys`: the keys that authors sign bundles with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError

keys = typer.Typer(no_args_is_help=True, help="Make and look at keys that sign bundles.")


@keys.command()
def new(path: Annotated[Path, typer.Argument(help="The file for the private key; the public one gets .pub.")]) -> None:
    """Make a key (Ed25519), and print its public part.

    Whoever has the private file can sign as you: keep it secret, and a copy of it in a safe place.

    Examples:

        gptstore keys new ~/keys/acme
    """
    from gptstore.sdk.bundle.errors import SigningKeyError
    from gptstore.sdk.bundle.signature import Signature
    from gptstore.sdk.bundle.signing_key import SigningKey

    try:
        key = SigningKey.create(path)
    except SigningKeyError as error:
        raise CommandError(str(error)) from None
    typer.echo(key.public)
    print_note(f"Its fingerprint is {Signature(key.public).fingerprint}.")
