"""The streams of the training mixture: one per task and way of making its examples."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from training import corpus, extractive_summaries, names, pivot, programs, questions, tasks
from training.decontaminate import drop_overlaps
from training.entity_swap import collect_names, disguise
from training.passages import Passage, cut_around, split_passage, split_passages, surround
from training.stream import Stream
from training.tasks import Example, Row

HELD_OUT_PER_MILLE = 10
TRANSLATED = {"fr": 0.1, "de": 0.1, "es": 0.1, "zh": 0.08}
REFRAMED_SHARE, SURROUNDED_CHARACTERS = 0.5, 500


def load_streams(folder: Path) -> list[Stream]:
    """Read the corpus, hold rows out, drop rows that overlap with them, and make all streams from the rest.

    Raises corpus.CorpusError if a file is missing.
    """
    read, _ = drop_overlaps(read_streams(folder))
    return [*(_with_neighbours(stream) for stream in read), *_derived(read)]


def read_streams(folder: Path) -> list[Stream]:
    """Read one stream for each file, for translation one per language; about 1 % is held out by the first field.

    Rows that share the first field (a passage, an English sentence, a text) stay on one side.
    """

    def stream(name: str, share: float, fields: tuple[str, ...], make: Callable[[Row, Random], Example]) -> Stream:
        return _split(name, share, corpus.read_rows(folder, name, fields), make)

    return [
        stream("qa", 0.20, ("context", "question", "answer"), tasks.question),
        stream("summarize", 0.06, ("text", "summary"), extractive_summaries.summarize),
        stream("code", 0.03, ("instruction", "code"), tasks.code),
        stream("text", 0.06, ("text",), tasks.prose),
        stream("instruct", 0.03, ("instruction", "input", "output"), tasks.instruction),
        *_translations(folder),
    ]


def _translations(folder: Path) -> Iterator[Stream]:
    by_language: dict[str, list[Row]] = {language: [] for language in TRANSLATED}
    for source, target, _, language in corpus.read_rows(folder, "translate", ("source", "target", "from", "to")):
        by_language[language].append((source, target))
    for language, rows in by_language.items():
        yield _split(f"translate-{language}", TRANSLATED[language], rows, _translator(language))


def _with_neighbours(stream: Stream) -> Stream:
    """Return the stream with examples that also draw other rows of it: only rows that are trained on."""
    if stream.name == "qa":
        others = split_passages((row[0] for row in stream.rows), least=1)
        made = collect_names(row[0] for row in stream.rows)
        return replace(
            stream,
            make=lambda row, random: tasks.question(disguise(_reframe(row, others, random), made, random), random),
        )
    if stream.name.startswith("translate-"):
        return replace(stream, make=_translator(stream.name.removeprefix("translate-"), stream.rows))
    return stream


def _reframe(row: Row, others: Sequence[Passage], random: Random) -> Row:
    """Return the row as it is (every second time), or a short passage with others around it, or part of a long one."""
    if random.random() >= REFRAMED_SHARE:
        return row
    passage, asked, answer = row
    if len(passage) <= SURROUNDED_CHARACTERS:
        return surround(passage, others, random), asked, answer
    sentences = split_passage(passage)
    holding = [n for n, sentence in enumerate(sentences) if answer in sentence]
    if len(holding) != 1:
        return row
    return " ".join(cut_around(sentences, holding[0], random)), asked, answer


def _translator(language: str, joined: Sequence[Row] = ()) -> Callable[[Row, Random], Example]:
    def make(row: Row, random: Random) -> Example:
        rows = [row, random.choice(joined)] if joined and random.random() < tasks.JOINED_SHARE else [row]
        return tasks.translation([names.change_names(each, random) for each in rows], random, ("en", language))

    return make


def _derived(read: Iterable[Stream]) -> list[Stream]:
    """Return streams made by rule from the rows that are trained on."""
    rows = {stream.name: stream.rows for stream in read}
    prose = [*(row[0] for row in rows["text"]), *(row[0] for row in rows["qa"])]
    named = collect_names(prose)
    pairs = {language: rows[f"translate-{language}"] for language in TRANSLATED}
    return [
        Stream("ask", 0.15, split_passages(prose, least=1), (), lambda row, random: questions.ask(row, named, random)),
        Stream("gist", 0.03, split_passages(prose, least=4), (), extractive_summaries.gist),
        Stream("program", 0.03, programs.recipes(), (), programs.write_program),
        Stream("pivot", 0.03, list(pivot.pair_through_english(pairs)), (), _pivot),
    ]


def _pivot(row: Row, random: Random) -> Example:
    _, one, sentence, other, translated = row
    return tasks.translation([names.change_names((sentence, translated), random)], random, (one, other))


def _split(name: str, share: float, rows: Iterable[Row], make: Callable[[Row, Random], Example]) -> Stream:
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
