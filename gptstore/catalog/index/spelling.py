"""Corrects words with one mistake: a letter too much, one missing, another one, or two neighbours swapped.

A mistake leaves the beginning or the end of a word as it is. So the words that one may be meant for are found by two
keys, its length with either: by equal values, in any database.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from gptstore.catalog.index.models import SearchWord
from gptstore.catalog.index.words import UNSPACED

SHORTEST, LONGEST = 4, 24
MAX_CANDIDATES = 2000
MAX_CORRECTIONS = 5


def remember(connection: Any, words: Iterable[str]) -> None:
    """Store the words that are not there yet. In the order of the words, so that two who do so wait in a line."""
    wanted = sorted(word for word in words if is_corrected(word))
    with connection.cursor() as cursor:
        known: set[str] = set()
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT word FROM catalog_searchword WHERE word IN ({marks})", some)  # noqa: S608
            known |= {word for (word,) in cursor.fetchall()}
        cursor.executemany(
            "INSERT INTO catalog_searchword (word, head, tail) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [(word, *keys_of(word, len(word))) for word in wanted if word not in known],
        )


def is_corrected(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not UNSPACED.search(word)


def keys_of(word: str, length: int) -> tuple[str, str]:
    """Return the keys of the words of this length that begin, or end, as this one does."""
    size = 3 if length >= 7 else 2 if length >= 5 else 1
    return f"{length}{word[:size]}", f"{length}{word[-size:]}"


def corrections_of(word: str) -> list[str]:
    """Return the words of the catalogue that are one mistake away, the likeliest first."""
    if not is_corrected(word):
        return []
    heads, tails = zip(*(keys_of(word, len(word) + more) for more in (-1, 0, 1)), strict=True)
    rows = SearchWord.objects.filter(Q(head__in=heads) | Q(tail__in=tails)).values_list("word", flat=True)
    near = (other for other in rows[:MAX_CANDIDATES] if other != word and is_one_mistake(word, other))
    return sorted(near, key=lambda other: (sorted(other) != sorted(word), other[0] != word[0], other))[:MAX_CORRECTIONS]


def is_one_mistake(word: str, other: str) -> bool:
    """Return whether one mistake makes one of the two words of the other."""
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    rest, others = word[start:], other[start:]
    swapped = others[1::-1] + others[2:]
    return rest[1:] in (others, others[1:]) or rest == others[1:] or (len(others) > 1 and rest == swapped)
