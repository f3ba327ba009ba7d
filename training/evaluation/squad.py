"""Exact match and F1 of short answers, as in SQuAD's evaluation script (Rajpurkar et al., arXiv:1606.05250)."""

import re
import string
from collections import Counter

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize(text: str) -> str:
    """Normalize a text: lower case, without ASCII punctuation and English articles, words apart by one space."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: str) -> float:
    return float(normalize(answer) == normalize(gold))


def f1(answer: str, gold: str) -> float:
    words, wanted = normalize(answer).split(), normalize(gold).split()
    shared = (Counter(words) & Counter(wanted)).total()
    if not words or not wanted:
        return float(words == wanted)
    return 2 * shared / (len(words) + len(wanted))
