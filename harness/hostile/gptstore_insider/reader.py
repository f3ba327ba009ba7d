"""Reads whatever file it gets."""

import sys
from pathlib import Path

from gptstore.sdk import Context, Document, Table, Tool, hookimpl, tool


@tool
def read_file(ctx: Context, file: Document | None = None, table: Table | None = None) -> str:
    """Read a document or a table."""
    imported = "pypdfium2" in sys.modules
    text = file.text if file else "\n".join(map(str, table.rows if table else []))
    return f"{imported} {[*Path().iterdir()]} {len(text)} {text[:100]}"


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [read_file]
