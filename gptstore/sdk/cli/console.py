"""What a command prints: results to stdout, for people or for pipes; everything else to stderr."""

from __future__ import annotations

import json
import re
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from gptstore.sdk.cli.terminal import harmless

if TYPE_CHECKING:
    from rich.console import Console

    from gptstore.sdk.cli.errors import CommandError

    stdout: Console
    stderr: Console
else:

    def __getattr__(name: str) -> Console:
        """Make `stdout` or `stderr` when it is first asked for: rich takes as long to import as a command to parse."""
        if name not in ("stdout", "stderr"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return globals().setdefault(name, make_console(name == "stderr"))


def make_console(is_stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=is_stderr, highlight=False, soft_wrap=True)


_ESCAPED = re.compile("[\x7f-\x9f\ud800-\udfff]")
"""What JSON allows in a text as it is, but a terminal takes for an order, and UTF-8 cannot hold."""


def use_utf8() -> None:
    """Write UTF-8 and line ends as they are to pipes and files, on Windows too."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def is_terminal() -> bool:
    """Return whether a person reads stdout. A pipe gets data: JSON lines, or the bare output."""
    return sys.stdout.isatty()


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write(_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


def write_text(text: str) -> None:
    """Write to stdout at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def print_note(text: str) -> None:
    """Tell the person something that is no result."""
    from rich.text import Text

    from gptstore.sdk.cli.console import stderr

    stderr.print(Text(harmless(text)), style="dim")


def print_error(error: CommandError) -> None:
    """Print the error as one sentence with the mend. Nothing in it is markup: it may quote what a plugin says."""
    from rich.text import Text

    from gptstore.sdk.cli.console import stderr

    stderr.print(Text.assemble(("Error: ", "bold red"), harmless(str(error))))
