"""One line at the bottom of the terminal that says how a run gets on. It is gone when the text comes."""

from __future__ import annotations

import sys

from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from gptstore.sdk.cli.console import print_note, stderr
from gptstore.sdk.cli.terminal import harmless_line

_ERASE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class StatusLine:
    """The status line on stderr, and the notes above it. Where stderr is no terminal there are notes only."""

    def __init__(self) -> None:
        self.is_live = sys.stderr.isatty() and not stderr.is_dumb_terminal
        self._shown = False

    def show(self, text: str) -> None:
        """Put a text in the place of the last one."""
        if not self.is_live:
            return
        self.clear()
        line = Text(harmless_line(text), style="dim")
        line.truncate(max(1, stderr.width - 1), overflow="ellipsis")
        stderr.print(line, end="")
        self._shown = True

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self.clear()
        print_note(harmless_line(text))

    def clear(self) -> None:
        if self._shown:
            stderr.control(_ERASE)
            self._shown = False
