"""Reads the table of what text becomes: `tests/text/rows/KIND.toml`, one `[[row]]` each.

A row has an `input`, the `right` value and the `source` of the rule; a kind may add keys of its own.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "rows"


def read_rows(kind: str) -> list[Any]:
    """Return a kind's rows as parameters of a test, each named by its `name` or its input."""
    rows = tomllib.loads((FOLDER / f"{kind}.toml").read_text(encoding="utf-8"))["row"]
    return [pytest.param(row, id=row.get("name") or str(row["input"])[:40]) for row in rows]
