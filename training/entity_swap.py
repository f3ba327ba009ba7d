"""Swaps names and numbers in a passage, its question and its answer: an answer learned by heart is wrong then."""

import re
from collections.abc import Iterable, Sequence
from random import Random

from training.tasks import Row

CHANGED_SHARE = 0.5
WORDS_SHARE = 0.6

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_NUMBER = re.compile(r"(?<![\d.,])\d{2,4}(?![\d.,]\d)")


def collect_names(passages: Iterable[str]) -> list[str]:
    """Return the capitalised words inside the sentences of the passages, each once."""
    return list(dict.fromkeys(name for passage in passages for name in _NAME.findall(passage)))


def disguise(row: Row, names: Sequence[str], random: Random) -> Row:
    """Return the texts as they are (every second time), or with most names and numbers changed, in all alike."""
    if random.random() >= CHANGED_SHARE:
        return row
    found = sorted({*_NAME.findall(row[0])}), sorted({*_NUMBER.findall(row[0])})
    changes = {name: random.choice(names) for name in found[0] if random.random() < WORDS_SHARE}
    changes |= {number: _draw_number(number, random) for number in found[1] if random.random() < WORDS_SHARE}
    if not changes:
        return row
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, changes))})\b")
    return tuple(pattern.sub(lambda match: changes[match[0]], text) for text in row)


def _draw_number(number: str, random: Random) -> str:
    if len(number) == 4 and number[0] in "12":
        return str(random.randrange(1200, 2030))
    return str(random.randrange(10 ** (len(number) - 1), 10 ** len(number)))
