"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="Address of the store; or GPTSTORE_SERVER, or the store that you logged in to last.",
    ),
]
AllowHttp = Annotated[
    bool,
    typer.Option(
        "--allow-http",
        help="Send the key to another machine unencrypted, where anybody on the way can read it.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one value a line.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the output to a file instead of stdout, once the run has succeeded.",
    ),
]
