"""The sentences of a passage that an answer points to."""

import re

from gptstore.sdk.text import split_sentences
from training.evaluation.skill import Figures

_ESCAPED = re.compile(r"\\([^\w\s]|_)")


def sentences_of(passage: str) -> list[str]:
    return [sentence for sentence in split_sentences(passage) if sentence.strip()]


def sentences_with(passage: str, answer: str) -> set[int]:
    """Return the numbers of the sentences that hold the answer's first occurrence; none where it doesn't occur."""
    wanted = answer.strip().casefold()
    begin = passage.casefold().find(wanted) if wanted else -1
    if begin < 0:
        return set()
    found, start = set(), 0
    for number, sentence in enumerate(sentences_of(passage)):
        start = passage.index(sentence, start)
        end = start + len(sentence)
        if start < begin + len(wanted) and begin < end:
            found.add(number)
        start = end
    return found


def sentences_quoted(passage: str, quotes: list[str]) -> set[int]:
    """Return the numbers of the sentences that these Markdown quotes repeat."""
    quoted = {_plain(quote) for quote in quotes}
    return {number for number, sentence in enumerate(sentences_of(passage)) if _plain(sentence) in quoted}


def compare(pointed: set[int], gold: set[int]) -> Figures:
    """Compare the two sets. right: 1 if one of the sentences is one of the gold ones. f1: of the sets."""
    shared = len(pointed & gold)
    return {"right": float(shared > 0), "f1": 2 * shared / max(len(pointed) + len(gold), 1)}


def _plain(text: str) -> str:
    return " ".join(_ESCAPED.sub(r"\1", text).split())
