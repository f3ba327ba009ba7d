"""The rows of a table that a tool gives, as `stored_table` stores them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from gptstore.sdk.control_characters import has_control
from gptstore.sdk.errors import ToolOutputError
from gptstore.sdk.text import storable

MAX_COLUMNS = 100
MAX_COLUMN_NAME = 100
MAX_ROW_BYTES = 1_000_000

CELLS = "a text, a number, True, False, None or a date"


@dataclass(frozen=True, init=False)
class Columns:
    """Names the columns of a table. A tool yields it before its rows, which may then be lists: `[1, "Ada"]`."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


class RowWriter:
    """Writes the rows of one table as lines of its stored form. Raises ToolOutputError for what is no such row."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._columns: tuple[str, ...] | None = None
        self._rows = 0

    def write(self, row: Any) -> str:
        """Return the line of a row; before the first, the line with the names of the columns."""
        if isinstance(row, Columns):
            if self._columns is not None:
                self._refuse("names its columns twice; yield Columns once, before the first row")
            return self._begin(row.names)
        self._rows += 1
        if isinstance(row, BaseModel):
            row = self._named(row)
        if isinstance(row, Mapping):
            head = self._begin(tuple(row)) if self._columns is None else ""
            return head + self._line(self._in_order(row))
        if isinstance(row, Sequence) and not isinstance(row, str | bytes):
            return self._line(self._counted(row))
        self._refuse(f"yielded {_name(row)}; yield rows: dicts, pydantic models, or lists after Columns")

    def _named(self, row: BaseModel) -> dict[str, Any]:
        return {name: getattr(row, name) for name in type(row).model_fields}

    def _begin(self, names: tuple[Any, ...]) -> str:
        if not 1 <= len(names) <= MAX_COLUMNS:
            self._refuse(f"yielded a table of {len(names)} columns; it may have 1 to {MAX_COLUMNS}")
        for name in names:
            if not isinstance(name, str) or not 1 <= len(name.strip()) <= MAX_COLUMN_NAME or has_control(name):
                self._refuse(f"named a column {name!r}; a name is one line of 1 to {MAX_COLUMN_NAME} characters")
        if twice := [name for name in names if names.count(name) > 1]:
            self._refuse(f"has two columns named {twice[0]!r}; rename one")
        self._columns = names
        return _dump(names)

    def _in_order(self, row: Mapping[Any, Any]) -> list[Any]:
        assert self._columns is not None
        if row.keys() != {*self._columns}:
            given, expected = (", ".join(map(repr, names)) or "none" for names in (row, self._columns))
            self._refuse(f"yielded row {self._rows} with the columns {given} instead of {expected}; give the same")
        return [row[name] for name in self._columns]

    def _counted(self, row: Sequence[Any]) -> list[Any]:
        if self._columns is None:
            self._refuse(
                'yielded a list whose columns have no names; yield Columns("…", "…") before it, or yield dicts'
            )
        if len(row) != len(self._columns):
            self._refuse(f"yielded row {self._rows} with {len(row)} cells for {len(self._columns)} columns")
        return [*row]

    def _line(self, values: list[Any]) -> str:
        assert self._columns is not None
        cells = [self._cell(name, value) for name, value in zip(self._columns, values, strict=True)]
        try:
            line = _dump(cells)
        except ValueError:
            self._refuse(f"yielded row {self._rows} with a number of too many digits; give a text")
        if (size := len(line.encode())) > MAX_ROW_BYTES:
            self._refuse(f"yielded row {self._rows} of {size:,} bytes; a row may have {MAX_ROW_BYTES:,}")
        return line

    def _cell(self, column: str, value: Any) -> str | float | bool | None:
        if value is None or type(value) in (bool, int):
            return value  # type: ignore[no-any-return]
        try:
            made = to_jsonable_python(value, inf_nan_mode="constants")
        except (PydanticSerializationError, UnicodeDecodeError):
            made = ...
        if isinstance(made, float) and not isfinite(made):
            self._refuse(f"yielded {made} in row {self._rows}, column {column!r}, which is no number; give None")
        if not isinstance(made, str | int | float | None):
            self._refuse(f"yielded {_name(value)} in row {self._rows}, column {column!r}; a cell is {CELLS}")
        return storable(made) if isinstance(made, str) else made

    def _refuse(self, problem: str) -> NoReturn:
        raise ToolOutputError(f"tool {self._slug} {problem}")


def _dump(cells: Sequence[Any]) -> str:
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")) + "\n"


def _name(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__qualname__}"
