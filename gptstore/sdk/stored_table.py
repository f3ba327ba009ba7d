"""The stored form of a table: lines of JSON arrays, first the names of the columns, then the cells of each row.

    ["who","what","due"]
    ["Ada","write the paper",null]

A line that is not ended is no row yet. Whoever reads it trusts nothing: filters of a store may have changed it, and a
plugin may write to its host without the SDK.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

Cell = str | int | float | bool | None

MAX_READ_COLUMNS = 200
_FORMULA = "=+-@\t\r＝＋－＠"
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")


class StoredTable:
    """A table that was stored, whole or so far."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def columns(self) -> list[str]:
        """Return the names of the columns; none before the first line has ended."""
        for line in self._lines():
            return [_as_text(name) for name in _read(line)][:MAX_READ_COLUMNS]
        return []

    def __len__(self) -> int:
        return max(0, self._text.count("\n") - 1)

    def __iter__(self) -> Iterator[list[Cell]]:
        """Yield the cells of each row, as many as there are columns."""
        width = len(self.columns)
        lines = self._lines()
        next(lines, None)
        for line in lines:
            cells = read_cells(line)[:width]
            yield cells + [None] * (width - len(cells))

    @property
    def rows(self) -> list[dict[str, Cell]]:
        """Return each row by the names of the columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self]

    def excerpt(self) -> str:
        """Return the first rows in one line; the names of the columns where there are none."""
        rows: list[list[Any]] = [*islice(self, 5)] or [self.columns]
        return "; ".join(" · ".join(filter(None, (as_text(cell)[:200] for cell in row))) for row in rows)

    def csv(self) -> Iterator[str]:
        """Yield the lines of a CSV file, in which no spreadsheet takes a text for a formula."""
        if self.columns:
            yield csv_line(self.columns)
        for row in self:
            yield csv_line(row)

    def json(self) -> Iterator[str]:
        """Yield the pieces of a JSON array of objects, with a row a line."""
        separator = "[\n"
        for row in self:
            yield separator + json.dumps(dict(zip(self.columns, row, strict=True)), ensure_ascii=False)
            separator = ",\n"
        yield "\n]\n" if separator != "[\n" else "[]\n"

    def _lines(self) -> Iterator[str]:
        for line in io.StringIO(self._text, newline="\n"):
            if line.endswith("\n"):
                yield line


def read_cells(line: str) -> list[Cell]:
    """Return the cells of a line, whatever it holds."""
    return [_as_cell(value) for value in _read(line)]


def csv_line(cells: list[Any]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow([harmless_cell(cell) for cell in cells])
    return line.getvalue()


def harmless_cell(cell: Cell) -> str:
    """Return a cell as text, with an apostrophe before what a spreadsheet would take for a formula (OWASP)."""
    text = as_text(cell)
    is_formula = isinstance(cell, str) and text.lstrip(" \n\xa0\u3000")[:1] in {*_FORMULA}
    return f"'{text}" if is_formula and not _NUMBER.fullmatch(text) else text


def as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
    return str(cell)


def is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _read(line: str) -> list[Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = line.rstrip("\n")
    return value if isinstance(value, list) else [value]


def _as_cell(value: Any) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
