"""Reads the corpus: a folder of `NAME.jsonl.xz` or `NAME.jsonl` files, one JSON object a line."""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

FILES = ("qa", "summarize", "translate", "code", "text", "instruct")


class CorpusError(Exception):
    """Raised when the corpus folder lacks a file or a row lacks a field. A retry can't help."""


def read_rows(folder: Path, name: str, fields: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the named fields of each row of one corpus file, in file order.

    Raises CorpusError if the file is missing or a row is not an object with all of `fields`.
    """
    with _open(folder, name) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield tuple(row[field] for field in fields)
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(f"{name}, row {number}: expected an object with {', '.join(fields)}") from error


def _open(folder: Path, name: str) -> TextIO:
    packed, plain = folder / f"{name}.jsonl.xz", folder / f"{name}.jsonl"
    if packed.exists():
        return lzma.open(packed, "rt", encoding="utf-8")
    if plain.exists():
        return plain.open(encoding="utf-8")
    raise CorpusError(f"{folder} has neither {packed.name} nor {plain.name}")
