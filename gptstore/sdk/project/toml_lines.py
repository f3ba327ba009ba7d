"""Finds the lines of a TOML file at which its keys stand, which tomllib does not keep."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TABLE = re.compile(r"\s*\[+([^\[\]]+)\]+")
_KEY = re.compile(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")


def find_line(text: str, *keys: str, holding: str = "") -> int:
    """Return the line of the key, such as `find_line(text, "project", "version")`; its table's where it is not there.

    holding: a value of the key, such as one entry of its list, whose line is wanted.
    """
    paths, asked = [*_paths(text)], ".".join(keys)
    exact = (number for number, path in paths if path == asked)
    within = (number for number, path in paths if path.startswith(f"{asked}."))
    line = next(exact, next(within, 0))
    if line and holding:
        lines = text.splitlines()[line - 1 :]
        line += next((index for index, one in enumerate(lines) if holding in one), 0)
    return line or (find_line(text, *keys[:-1]) if len(keys) > 1 else 1)


def _paths(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the whole dotted name of each table and key. Lines within a long text may pass too."""
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = _plain(found[1])
            yield number, table
        elif found := _KEY.match(line):
            yield number, ".".join(filter(None, [table, _plain(found[1])]))


def _plain(name: str) -> str:
    return name.strip().replace('"', "").replace("'", "")
