"""Prints tables for people. What a cell holds may come from anybody, and orders nothing from the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from gptstore.sdk.cli.console import stdout
from gptstore.sdk.cli.terminal import harmless_line


def print_table(titles: Sequence[str], rows: Iterable[Sequence[object]], *, cuts_last: bool) -> None:
    """Print rows of one line each. cuts_last: cut the last column where the terminal ends, instead of wrapping it."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles[:-1]:
        table.add_column(title, no_wrap=True)
    table.add_column(titles[-1], no_wrap=cuts_last)
    for row in rows:
        table.add_row(*(Text(harmless_line(str(cell))) for cell in row))
    stdout.print(table, soft_wrap=False)
