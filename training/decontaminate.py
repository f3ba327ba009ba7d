"""Finds held-out texts in rows for training, and drops those rows (decontamination).

A text is found by runs of 13 words (Chinese: 20 characters), a shorter one only as a whole; upper case, spaces and
punctuation do not count. Code is found function by function, whatever its names.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from training.code_shape import function_shapes
from training.stream import Stream
from training.tasks import Row, bare_task

RUN_WORDS, RUN_CHARACTERS = 13, 20

_WORD = re.compile(r"\w+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

Run = tuple[str, ...]


@dataclass(frozen=True)
class Fields:
    """The kinds of fields in a stream's rows. Fields in none of the three are compared by their long runs only."""

    whole: tuple[int, ...] = (0,)
    tasks: tuple[int, ...] = ()
    code: tuple[int, ...] = ()


PLAIN = Fields()
KINDS = {
    "qa": PLAIN,
    "text": PLAIN,
    "instruct": PLAIN,
    "summarize": Fields(whole=(0, 1)),
    "translate": Fields(whole=(0, 1)),
    "code": Fields(whole=(), tasks=(0,), code=(1,)),
    "pivot": Fields(whole=(0, 2, 4)),
    "ask": Fields(whole=()),  # these are single sentences of texts that are compared as a whole
    "gist": Fields(whole=()),
}


class HeldOut:
    """Remembers texts and functions, and knows a row that holds one of them."""

    def __init__(self) -> None:
        self._runs: set[Run] = set()
        self._functions: set[str] = set()
        self._known = lru_cache(maxsize=1024)(self._has_text)

    def add(self, row: Row, fields: Fields) -> None:
        for text, whole in _texts(row, fields):
            self._runs.update(_runs(text, whole))
        for code in (row[index] for index in fields.code):
            self._functions.update(function_shapes(code))

    def finds(self, row: Row, fields: Fields) -> bool:
        return any(self._known(text, whole) for text, whole in _texts(row, fields)) or any(
            not self._functions.isdisjoint(function_shapes(row[index])) for index in fields.code
        )

    def _has_text(self, text: str, whole: bool) -> bool:
        return not self._runs.isdisjoint(_runs(text, whole))


def drop_overlaps(streams: Sequence[Stream], also: Iterable[Row] = ()) -> tuple[list[Stream], dict[str, int]]:
    """Return the streams without the rows that hold a held-out text of any of them, and the rows dropped per stream.

    also: more rows (task, code) that an evaluation asks. A `make` that draws from rows of its own still has them all.
    """
    known = HeldOut()
    for stream in streams:
        for row in stream.held_out:
            known.add(row, _fields(stream))
    for row in also:
        known.add(row, KINDS["code"])
    kept = [
        replace(stream, rows=[row for row in stream.rows if not known.finds(row, _fields(stream))])
        for stream in streams
    ]
    dropped = {old.name: len(old.rows) - len(new.rows) for old, new in zip(streams, kept, strict=True)}
    return kept, dropped


def _fields(stream: Stream) -> Fields:
    return KINDS.get(stream.name.split("-")[0], PLAIN)


def _texts(row: Row, fields: Fields) -> Iterator[tuple[str, bool]]:
    for index, text in enumerate(row):
        if index in fields.tasks:
            yield bare_task(text), True
        elif index not in fields.code:
            yield text, index in fields.whole


def _runs(text: str, whole: bool) -> Iterable[Run]:
    words, length = _WORD.findall(text.casefold()), RUN_WORDS
    if _CHINESE.search(text):
        words, length = list("".join(words)), RUN_CHARACTERS
    if len(words) >= length:
        return zip(*(words[start:] for start in range(length)), strict=False)
    return [tuple(words)] if whole and words else []
