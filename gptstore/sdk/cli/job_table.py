"""Shows the output of a job that is a table: as a table to a person, as CSV to a pipe."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from rich.table import Table
from rich.text import Text

from gptstore.sdk.cli.console import print_note, stdout, write_text
from gptstore.sdk.cli.live_text import LiveOutput
from gptstore.sdk.cli.status_line import StatusLine
from gptstore.sdk.cli.terminal import harmless_line
from gptstore.sdk.stored_table import Cell, StoredTable, as_text, csv_line, is_number

Json = dict[str, Any]
MAX_ROWS = 500
MAX_CELL = 500


class TableOutput:
    """Shows the table when the job has ended, and until then how many rows there are."""

    in_line = False

    def __init__(self, status: StatusLine) -> None:
        self._status = status
        self._rows = 0

    def event(self, name: str, data: Json) -> None:
        if name in ("started", "reset"):
            self._rows = 0
        elif name == "output":
            self._rows += str(data.get("text", "")).count("\n")
            self._status.show(f"{max(0, self._rows - 1)} rows …")

    def end(self, job: Json) -> None:
        self._status.clear()
        print_rows(StoredTable(str(job.get("output") or "")))


class CsvOutput(LiveOutput):
    """Writes the rows to a pipe as CSV while they arrive."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""
        self._head = ""

    def _write(self, text: str) -> None:
        whole, ended, self._begun = (self._begun + text).rpartition("\n")
        if not ended:
            return
        table = StoredTable(f"{self._head}{whole}\n")
        if not self._head:
            self._head = json.dumps(table.columns) + "\n"
            write_text(csv_line([*table.columns]))
        write_text("".join(csv_line([*row]) for row in table))


def print_rows(table: StoredTable) -> None:
    """Print the first rows to a terminal. What is in a cell orders nothing from it."""
    if not table.columns:
        return
    rows = list(islice(table, MAX_ROWS))
    shown = Table(header_style="bold", row_styles=("", "dim") if len(rows) > 3 else ())
    for place, name in enumerate(table.columns):
        shown.add_column(
            Text(harmless_line(name)), justify="right" if has_numbers(rows, place) else "left", overflow="fold"
        )
    for row in rows:
        shown.add_row(*(Text(harmless_line(as_text(cell)[:MAX_CELL])) for cell in row))
    stdout.print(shown, soft_wrap=False)
    if len(table) > len(rows):
        print_note(f"These are the first {len(rows):,} of {len(table):,} rows. A file gets all of them: -o FILE.csv")


def has_numbers(rows: list[list[Cell]], place: int) -> bool:
    cells = [row[place] for row in rows if row[place] is not None]
    return bool(cells) and all(map(is_number, cells))
