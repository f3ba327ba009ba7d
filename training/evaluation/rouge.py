"""ROUGE-1, ROUGE-2 and ROUGE-L (Lin 2004) as F1, without stemming: words are runs of ASCII letters and digits.

The numbers equal those of the package rouge-score, which has had no release since 2022 and needs NLTK.
"""

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def rouge_n(answer: str, gold: str, n: int) -> float:
    ours, wanted = (_runs(words_of(text), n) for text in (answer, gold))
    return _f1((ours & wanted).total(), ours.total(), wanted.total())


def rouge_l(answer: str, gold: str) -> float:
    ours, wanted = words_of(answer), words_of(gold)
    return _f1(_longest_common(ours, wanted), len(ours), len(wanted))


def _runs(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def _longest_common(ours: Sequence[str], wanted: Sequence[str]) -> int:
    """Return the length of the longest common subsequence: words that both have in this order."""
    before = [0] * (len(wanted) + 1)
    for word in ours:
        here = [0]
        for number, other in enumerate(wanted):
            here.append(before[number] + 1 if word == other else max(before[number + 1], here[-1]))
        before = here
    return before[-1]


def _f1(shared: int, ours: int, wanted: int) -> float:
    return 2 * shared / (ours + wanted) if ours and wanted else 0.0
