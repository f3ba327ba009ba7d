"""Renders the answers that are no text: a table and a file. All that is in them is untrusted, names of columns too.

It needs neither Django nor a process of its own: nothing here is parsed but JSON, and all of it is bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from gptstore.sdk.stored_file import FileHead
from gptstore.sdk.stored_table import Cell, StoredTable, as_text, harmless_cell, is_number

MAX_ROWS = 500
MAX_CELL = 1_000
MAX_CHARACTERS = 200_000
"""The limits of what a page shows: rows, characters of a cell, and characters of all cells together."""

TEXT_CELL = ' dir="auto"'


@dataclass(frozen=True)
class FirstRows:
    """The rows of a table that a page shows. is_cut: there are more, or longer cells."""

    columns: list[str]
    rows: list[list[Cell]]
    is_cut: bool

    @classmethod
    def of(cls, table: StoredTable) -> "FirstRows":
        rows: list[list[Cell]] = []
        room, is_cut = MAX_CHARACTERS, False
        for row in table:
            shown = [cell[:MAX_CELL] + "…" if isinstance(cell, str) and len(cell) > MAX_CELL else cell for cell in row]
            room -= sum(len(as_text(cell)) for cell in shown)
            if len(rows) == MAX_ROWS or room < 0:
                return cls(table.columns, rows, True)
            is_cut |= shown != row
            rows.append(shown)
        return cls(table.columns, rows, is_cut)

    def render(self, caption: str) -> str:
        """Return the HTML of the table. A column that has nothing but numbers is aligned as one."""
        classes = [' class="number"' if self._has_numbers(place) else "" for place in range(len(self.columns))]
        heads = (
            f'<th scope="col" dir="auto"{kind}>{escape(name)}</th>'
            for name, kind in zip(self.columns, classes, strict=True)
        )
        body = "".join(f"<tr>{''.join(self._cells(row, classes))}</tr>" for row in self.rows)
        return (
            f'<table class="data-table"><caption>{escape(caption)}</caption>'
            f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>"
        )

    def as_tsv(self) -> str:
        """Return the rows as a spreadsheet takes them from the clipboard."""
        lines: list[list[Cell]] = [[*self.columns], *self.rows]
        return "\n".join("\t".join(" ".join(harmless_cell(cell).split()) for cell in line) for line in lines)

    def _has_numbers(self, place: int) -> bool:
        cells = [row[place] for row in self.rows if row[place] is not None]
        return bool(cells) and all(map(is_number, cells))

    def _cells(self, row: list[Cell], classes: list[str]) -> Iterator[str]:
        for cell, kind in zip(row, classes, strict=True):
            yield (
                f"<td{kind}>{cell}</td>"
                if kind and cell is not None
                else f'<td dir="auto">{escape(as_text(cell))}</td>'
            )


def render_file(head: FileHead, facts: str, note: str, link: tuple[str, str] | None) -> str:
    """Return the HTML of a file. note: a sentence below it. link: the address and the label of its download."""
    button = ""
    if link is not None:
        address, label = map(escape, link)
        button = f'<a class="button primary no-print" href="{address}" download>{label}</a>'
    return (
        f'<div class="file-output"><p class="file-name"><bdi>{escape(head.name)}</bdi></p>'
        f'<p class="file-facts">{escape(facts)}</p>{f"<p>{escape(note)}</p>" if note else ""}{button}</div>'
    )
