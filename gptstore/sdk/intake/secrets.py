"""Finds keys and passwords in files, by their well-known forms. What is found is never shown, only its place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gptstore.sdk.intake.secret_patterns import ANY, KINDS
from gptstore.sdk.problem import Problem

MAX_BYTES = 1_000_000
_PLACEHOLDER = re.compile(r"example|placeholder|changeme|password|redacted|your|x{4}|\*{3}|0{6}|1234567", re.IGNORECASE)
_MIN_ENTROPY = 2.8
"""Bits for each character. Keys are made at random and have four and more; words that stand for one have less."""


def find_problems(files: Iterable[tuple[str, Path]]) -> Iterator[Problem]:
    """Yield each line that holds a secret. files: the name of each for the author, and where it is."""
    for name, path in files:
        yield from (problem_of(kind).at(name, line) for line, kind in find_secrets(path))


def problem_of(kind: str) -> Problem:
    mend = "revoke it, read such values from ctx or the input, and take it out of the file and its history"
    return Problem("secret", f"{kind} stands here", mend)


def find_secrets(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the kind of each secret in a file of text."""
    if not path.is_symlink() and path.stat().st_size <= MAX_BYTES:
        yield from find_in(path.read_bytes())


def find_in(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield the line and the kind of each secret in the content of a file, if that is text."""
    if b"\0" in data:
        return
    text, told = data.decode(errors="replace"), 0
    for found in ANY.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if line != told and is_random(found["word"] or found[0]):
            told = line
            yield line, KINDS[int(str(found.lastgroup).removeprefix("k"))]


def is_random(text: str) -> bool:
    """Return whether the text looks as if a program chose it, and is no word that stands for a key."""
    counts = Counter(text)
    entropy = -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
    return entropy >= _MIN_ENTROPY and not _PLACEHOLDER.search(text)
