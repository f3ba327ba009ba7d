"""`gptstore new`: a project to start from, which passes its own tests and `gptstore check`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError, UsageError


class Template(StrEnum):
    """A kind of tool to start from: a folder below `templates`."""

    TEXT = "text"
    CHAT = "chat"
    EXTRACT = "extract"
    CODE = "code"
    BATCH = "batch"


def new(
    name: Annotated[str, typer.Argument(help="The tool's slug, such as plain-words.")],
    template: Annotated[
        Template,
        typer.Option(
            help="text: rewrites a text, streaming. chat: a persona that answers a conversation. extract: data from a "
            "text, by a pydantic model. code: writes code. batch: a long text, in parts, with progress."
        ),
    ] = Template.TEXT,
    title: Annotated[
        str, typer.Option(help="The tool's name in the catalogue; made from its slug when left out.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Where to put the project; a folder of the tool's name when left out.")
    ] = None,
) -> None:
    """Make a project with a tool that works: typed inputs, examples, tests, a README and a workflow for GitHub.

    The package is called gptstore-NAME and its module gptstore_NAME. Nothing that is there is written over.

    Examples:

        gptstore new plain-words

        gptstore new star-guide --template chat --title "Guide to the stars"

        gptstore new invoice-reader --template extract --folder work/invoices
    """
    from gptstore.sdk.cli.console import stdout
    from gptstore.sdk.cli.new_name import check_name, check_title
    from gptstore.sdk.cli.new_project import write_project

    check_name(name)
    shown = title.strip() or name.replace("-", " ").capitalize()
    check_title(shown)
    target = Path(name) if folder is None else folder
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise UsageError(f"{target} is there already, and not empty: choose another name, or another --folder.")
    try:
        write_project(target, template, name, shown)
    except OSError as error:
        raise CommandError(f"{target} can't be written ({error.strerror}): choose another --folder.") from None
    stdout.print(str(target), markup=False)
    print_note(f"Next:  cd {target} && pip install -e '.[dev]' && pytest && gptstore check")
