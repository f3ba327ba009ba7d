"""What a command prints: results to stdout, for people or for pipes; everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from gptstore.sdk.cli.errors import CommandError

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def is_terminal() -> bool:
    """Return whether a person reads stdout. A pipe gets data: JSON lines, or the bare output."""
    return sys.stdout.isatty()


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def print_note(text: str) -> None:
    """Tell the person something that is no result."""
    stderr.print(Text(text), style="dim")


def print_error(error: CommandError) -> None:
    """Print the error as one sentence with the mend. Nothing in it is markup: it may quote what a plugin says."""
    stderr.print(Text.assemble(("Error: ", "bold red"), str(error)))
