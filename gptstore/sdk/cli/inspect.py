"""`gptstore inspect`: verifies a bundle, and shows what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gptstore.sdk.cli.console import print_json
from gptstore.sdk.cli.errors import CommandError

if TYPE_CHECKING:
    from gptstore.sdk.bundle.bundle import Bundle


def inspect(
    file: Annotated[Path, typer.Argument(help="The bundle, a file that ends in .gptx.")],
    signed_by: Annotated[
        str, typer.Option(metavar="KEY", help="Refuse it unless this public key signed it: the key, or its .pub file.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Verify a bundle and show its tools, wheels, licences and signature. Nothing of it is unpacked or run.

    The status is 0 if it is as a store wants it, 1 if not.

    Examples:

        gptstore inspect dist/my-tool-1.2.0.gptx --signed-by acme.pub
    """
    from gptstore.sdk.bundle.bundle import Bundle
    from gptstore.sdk.bundle.errors import BundleError

    try:
        with Bundle.open(file) as bundle:
            check_signer(bundle, signed_by)
            described = describe(bundle)
    except BundleError as error:
        raise CommandError(f"{file.name} is refused. {error}") from None
    if as_json:
        print_json(described)
    else:
        show(described)


def check_signer(bundle: Bundle, key: str) -> None:
    """Raise CommandError unless this key signed the bundle. key: in base64, or the file that has it; "" for anybody."""
    if not key:
        return
    wanted = Path(key).read_text(encoding="ascii", errors="replace").strip() if Path(key).is_file() else key
    if bundle.signature is None:
        raise CommandError("The bundle is not signed. Ask its author for a signed one.")
    if bundle.signature.key != wanted:
        raise CommandError(f"Another key signed the bundle: its fingerprint is {bundle.signature.fingerprint}.")


def describe(bundle: Bundle) -> dict[str, Any]:
    """Return what is in a verified bundle, as JSON."""
    contents, signature = bundle.contents, bundle.signature
    return {
        **contents.header.model_dump(),
        "summary": contents.manifest.summary,
        "author": contents.manifest.author,
        "license": contents.manifest.license,
        "tools": [tool.model_dump(mode="json") for tool in contents.manifest.tools],
        "wheels": [
            {
                "file": wheel.file_name,
                "bytes": wheel.size,
                "sha256": wheel.sha256,
                "license": contents.licences[wheel.name],
            }
            for wheel in bundle.wheels
        ],
        "files": {name: entry.size for name, entry in bundle.archive.entries.items()},
        "signature": {"key": signature.key, "fingerprint": signature.fingerprint} if signature else None,
    }


def show(described: dict[str, Any]) -> None:
    """Print it for people. No character of it moves the cursor."""
    from gptstore.sdk.bundle.errors import printable

    lines = [
        f"{described['name']} {described['version']}",
        described["summary"] or "It has no summary.",
        f"platforms: {', '.join(described['platforms'])}",
        f"signature: {signature_line(described)}",
        "",
        *(f"{tool['slug']}: {tool['title']}{', with network' * tool['network']}" for tool in described["tools"]),
        "",
        *columns([[one["sha256"], f"{one['bytes']:,}", one["file"], one["license"]] for one in described["wheels"]]),
    ]
    for line in lines:
        typer.echo(printable(line))


def columns(rows: list[list[str]]) -> list[str]:
    """Return a line for each row of a hash, a number, a name and a licence."""
    number, name = (max((len(row[place]) for row in rows), default=0) for place in (1, 2))
    return [f"{row[0]}  {row[1]:>{number}}  {row[2]:<{name}}  {row[3] or 'licence unknown'}" for row in rows]


def signature_line(described: dict[str, Any]) -> str:
    signature = described["signature"]
    return f"valid, by the key {signature['fingerprint']}" if signature else "none"
