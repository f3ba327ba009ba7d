"""The streams that make up the training mixture: one per task, for translation one per language pair."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from worker.mini import corpus, tasks
from worker.mini.tasks import Example, Row

HELD_OUT_PER_MILLE = 10
TRANSLATED = {"fr": 0.13, "de": 0.13, "es": 0.13, "zh": 0.09}


@dataclass(frozen=True)
class Stream:
    """Rows of one kind, how to make an example of one of them, and its share of the training tokens."""

    name: str
    share: float
    rows: Sequence[Row]
    held_out: Sequence[Row]
    make: Callable[[Row, Random], Example]

    def examples(self, seed: int, start: int) -> Iterator[Example]:
        """The endless sequence of examples from number `start` on: each epoch in another order.

        Example n depends only on the seed and n, so a stopped training continues where it was.
        """
        number = start
        while True:
            epoch, offset = divmod(number, len(self.rows))
            order = list(range(len(self.rows)))
            Random(f"{seed}/{self.name}/{epoch}").shuffle(order)
            for index in order[offset:]:
                yield self.make(self.rows[index], Random(f"{seed}/{self.name}/{number}"))
                number += 1

    def held_out_examples(self, limit: int) -> list[Example]:
        """The first `limit` examples that are never trained on, always the same."""
        return [self.make(row, Random(f"{self.name}/{n}")) for n, row in enumerate(self.held_out[:limit])]


def load_streams(folder: Path) -> list[Stream]:
    """Reads the corpus and holds out about 1 % of each stream, chosen by the first field of the row.

    Rows that share the first field (a passage, an English sentence, a text) stay on one side.
    Raises corpus.CorpusError if a file is missing.
    """

    def stream(name: str, share: float, fields: tuple[str, ...], make: Callable[[Row, Random], Example]) -> Stream:
        return _split(name, share, corpus.read_rows(folder, name, fields), make)

    return [
        stream("qa", 0.20, ("context", "question", "answer"), tasks.question),
        stream("summarize", 0.10, ("text", "summary"), tasks.summary),
        stream("code", 0.06, ("instruction", "code"), tasks.code),
        stream("text", 0.12, ("text",), tasks.prose),
        stream("instruct", 0.04, ("instruction", "input", "output"), tasks.instruction),
        *_translations(folder),
    ]


def _translations(folder: Path) -> Iterator[Stream]:
    by_language: dict[str, list[Row]] = {language: [] for language in TRANSLATED}
    for source, target, _, language in corpus.read_rows(folder, "translate", ("source", "target", "from", "to")):
        by_language[language].append((source, target))
    for language, rows in by_language.items():
        name = f"translate-{language}"
        yield _split(name, TRANSLATED[language], rows, _translator(rows, language))


def _translator(rows: Sequence[Row], language: str) -> Callable[[Row, Random], Example]:
    trained = [row for row in rows if not _is_held_out(row)]

    def make(row: Row, random: Random) -> Example:
        joined = [row, random.choice(trained)] if random.random() < tasks.JOINED_SHARE else [row]
        return tasks.translation(joined, random, ("en", language))

    return make


def _split(
    name: str, share: float, rows: Sequence[Row] | Iterator[Row], make: Callable[[Row, Random], Example]
) -> Stream:
    trained: list[Row] = []
    held_out: list[Row] = []
    for row in rows:
        (held_out if _is_held_out(row) else trained).append(row)
    if not trained:
        raise corpus.CorpusError(f"no rows to train on for {name}")
    Random(name).shuffle(held_out)
    return Stream(name, share, trained, held_out, make)


def _is_held_out(row: Row) -> bool:
    return zlib.crc32(row[0].encode()) % 1000 < HELD_OUT_PER_MILLE
