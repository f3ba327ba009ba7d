"""Pairs of two languages that share an English sentence, so that the translator also learns to go round English."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from training.tasks import Row


def pair_through_english(pairs: Mapping[str, Sequence[Row]]) -> Iterator[Row]:
    """Yield rows (English, language, sentence, language, sentence) for every two languages of one sentence.

    pairs: for each language its rows (English, sentence).
    """
    translations: dict[str, dict[str, str]] = {}
    for language, rows in pairs.items():
        for english, sentence in rows:
            translations.setdefault(english, {}).setdefault(language, sentence)
    for english, known in translations.items():
        for one, other in combinations(sorted(known), 2):
            yield english, one, known[one], other, known[other]
