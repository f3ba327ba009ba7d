"""An output as a file to save: the same name, type and bytes in a store and at an author's desk."""

from __future__ import annotations

from dataclasses import dataclass

from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_file import read_file
from gptstore.sdk.stored_table import StoredTable

TYPES = {
    OutputKind.TEXT: ("txt", "text/plain"),
    OutputKind.MARKDOWN: ("md", "text/markdown"),
    OutputKind.JSON: ("json", "application/json"),
    OutputKind.CODE: ("txt", "text/plain"),
    OutputKind.TABLE: ("csv", "text/csv"),
}
BOM = "\ufeff"
"""What tells Excel that a CSV file is UTF-8."""

HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""The headers with which a browser saves a file and runs nothing of it, HTML least of all."""


@dataclass(frozen=True)
class OutputFile:
    name: str
    content_type: str
    data: bytes | str


def make_file(
    kind: OutputKind, text: str, stem: str, *, as_json: bool = False, suffix: str = "", bom: str = ""
) -> OutputFile | None:
    """Return an output, in its stored form, as a file; None for a file that is not whole.

    stem: its name without the suffix; a tool's file has a name of its own. as_json: a table as JSON instead of CSV.
    suffix: of the name, if it is another than that of the kind. bom: to be put before CSV.
    """
    if kind == OutputKind.FILE:
        file = read_file(text)
        return None if file is None else OutputFile(file.name, with_charset(file.media_type), file.data)
    usual, media_type = TYPES[kind]
    if kind == OutputKind.TABLE:
        table = StoredTable(text)
        text = "".join(table.json()) if as_json else bom + "".join(table.csv())
        usual, media_type = TYPES[OutputKind.JSON] if as_json else (usual, media_type)
    return OutputFile(f"{stem}.{suffix or usual}", with_charset(media_type), text)


def with_charset(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type == "application/json"
    return f"{media_type}; charset=utf-8" if is_text else media_type
