"""A table as an input: the rows of a CSV file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from functools import cached_property

from gptstore.sdk.document_bounds import check_length
from gptstore.sdk.errors import DocumentError
from gptstore.sdk.file import File
from gptstore.sdk.plain_text import decode
from gptstore.sdk.text import storable

_SAMPLE = 20_000
_SEPARATORS = ",;\t|"


class Table(File):
    """A CSV file with names of columns in its first row. Reading `rows` raises DocumentError where that fails."""

    kind = "table"
    suffixes = (".csv", ".tsv", ".txt")
    text_name = "table.csv"

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns, in their order."""
        return self._content[0]

    @property
    def rows(self) -> list[dict[str, str]]:
        """Return each row as a dictionary by the columns' names; a cell that is missing is ""."""
        return self._content[1]

    @cached_property
    def _content(self) -> tuple[list[str], list[dict[str, str]]]:
        text = storable(decode(self.data))
        check_length(len(text))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
        try:
            lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except csv.Error as error:
            raise DocumentError(f"Line {reader.line_num} of the table can't be read: {error}.") from None
        if not lines:
            raise DocumentError("The table is empty. Its first row must have the names of the columns.")
        columns = [name.strip() for name in lines[0][1]]
        _check_columns(columns)
        return columns, [_row(columns, cells, number) for number, cells in lines[1:]]


def _separator(text: str) -> str:
    """Return the separator that the first line has most of, outside quotes; a comma where it has none."""
    first = text[:_SAMPLE].lstrip("\n").partition("\n")[0]
    unquoted = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count)


def _check_columns(columns: list[str]) -> None:
    if not all(columns):
        raise DocumentError("A column of the table has no name. Write one into the first row.")
    name, times = Counter(columns).most_common(1)[0]
    if times > 1:
        raise DocumentError(f"The table has {times} columns named {name!r}. Rename them.")


def _row(columns: list[str], cells: list[str], line: int) -> dict[str, str]:
    if len(cells) > len(columns):
        raise DocumentError(f"Line {line} of the table has {len(cells)} cells; the first has {len(columns)}.")
    return dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=True))
