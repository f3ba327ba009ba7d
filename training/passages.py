"""Passages as lists of sentences: the material for questions and summaries by rule, and for longer contexts."""

from collections.abc import Iterable, Sequence
from random import Random

from gptstore.sdk.text import split_sentences

Passage = tuple[str, ...]

MAX_CHARACTERS = 1_900
"""The limit in characters; about 500 tokens."""

MIN_CHARACTERS = 160


def split_passage(text: str) -> Passage:
    """Return the sentences of a text without the white space between them."""
    return tuple(sentence.strip() for sentence in split_sentences(text) if sentence.strip())


def split_passages(texts: Iterable[str], least: int) -> list[Passage]:
    """Return the different texts as passages, without those of fewer than `least` sentences."""
    passages = (split_passage(text) for text in dict.fromkeys(texts))
    return [passage for passage in passages if len(passage) >= least]


def cut_window(passage: Passage, random: Random, least: int = 1) -> Passage:
    """Return some sentences in a row, at least `least`: as often a short passage as a long one."""
    room = MIN_CHARACTERS * (MAX_CHARACTERS / MIN_CHARACTERS) ** random.random()
    start = random.randrange(max(len(passage) - least, 0) + 1)
    end, size = start, 0
    while end < len(passage) and (end - start < least or size + len(passage[end]) <= room):
        size += len(passage[end]) + 1
        end += 1
    return passage[start : max(end, start + 1)]


def surround(text: str, others: Sequence[Passage], random: Random) -> str:
    """Return the text with sentences of other passages before and behind it, so that it has to be found."""
    before, behind = (list(cut_window(random.choice(others), random)) for _ in range(2))
    while len(text) + sum(map(len, before + behind)) > MAX_CHARACTERS and (before or behind):
        (before if len(before) > len(behind) else behind).pop()
    return " ".join([*before, text.strip(), *behind])


def cut_around(passage: Passage, kept: int, random: Random) -> Passage:
    """Return some sentences in a row, with sentence number `kept` among them."""
    room = MIN_CHARACTERS * (MAX_CHARACTERS / MIN_CHARACTERS) ** random.random()
    start, end, size = kept, kept + 1, len(passage[kept])
    while start > 0 or end < len(passage):
        before = start > 0 and (end == len(passage) or random.random() < 0.5)
        following = passage[start - 1] if before else passage[end]
        if size + len(following) > room:
            break
        start, end = (start - 1, end) if before else (start, end + 1)
        size += len(following) + 1
    return passage[start:end]
