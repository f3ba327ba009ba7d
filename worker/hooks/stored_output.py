"""Filters outputs whose stored form is not what people read: the texts in a table, and nothing in a file."""

import json
from collections.abc import Sequence

from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_table import Cell, read_cells
from gptstore.sdk.text import storable
from worker.hooks.filters import OutputFilter
from worker.hooks.job_info import RunningJob
from worker.hooks.loading import LoadedHook


class TableFilter(OutputFilter):
    """Passes each text of a table through the hooks: the names of its columns, and its cells, one after the other.

    Lines go on when they are whole, in their stored form whatever a hook makes of a cell.
    """

    def __init__(self, hooks: Sequence[LoadedHook], job: RunningJob) -> None:
        super().__init__(hooks, job)
        self.begun = ""

    def feed(self, text: str, *, ended: bool = False) -> str:
        *lines, self.begun = (self.begun + text).split("\n")
        return "".join(f"{self.filter_line(line)}\n" for line in lines)

    def filter_line(self, line: str) -> str:
        return json.dumps([self.filter_cell(cell) for cell in read_cells(line)], ensure_ascii=False)

    def filter_cell(self, cell: Cell) -> Cell:
        return storable(self.whole(cell)) if isinstance(cell, str) else cell


class FileFilter(OutputFilter):
    """Passes a file on as it is. Only the messages beside it are filtered."""

    def feed(self, text: str, *, ended: bool = False) -> str:
        return text


FILTERS: dict[str, type[OutputFilter]] = {OutputKind.TABLE: TableFilter, OutputKind.FILE: FileFilter}


def open_filter(kind: str, hooks: Sequence[LoadedHook], job: RunningJob) -> OutputFilter:
    """Return a new filter for an output of this kind."""
    return FILTERS.get(kind, OutputFilter)(hooks, job)
