"""Compares names as people see them: confusable ones have equal skeletons (Unicode Technical Standard 39)."""

from __future__ import annotations

import unicodedata
from functools import cache

from confusable_homoglyphs.categories import unique_aliases
from confusable_homoglyphs.confusables import confusables_data

SCRIPTLESS = {"COMMON", "INHERITED"}
SCRIPTS_TOGETHER = [
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
]
"""The scripts that one language writes together, as in the standard's level “Highly Restrictive”."""

MAX_SKELETON = 300


def is_of_one_language(name: str) -> bool:
    """Return whether the scripts of the name are those of one language."""
    scripts = unique_aliases(name) - SCRIPTLESS
    return len(scripts) <= 1 or any(scripts <= together for together in SCRIPTS_TOGETHER)


def skeleton(name: str) -> str:
    """Return what all names have in common that look like this one, in capitals or not.

    A capital I looks like l, so that i and l are the same here. Two passes: the first sees the letters as they are
    written, the second as they are read aloud.
    """
    alike = prototypes(prototypes(unicodedata.normalize("NFKC", name)).casefold())
    return alike.replace("i", "l")[:MAX_SKELETON]


def prototypes(text: str) -> str:
    """Return the text with each character replaced by its prototype."""
    return unicodedata.normalize("NFD", "".join(map(prototype, unicodedata.normalize("NFD", text))))


@cache
def prototype(character: str) -> str:
    """Return the standard's prototype of a character: the one that it and all that look like it map to.

    The library's data has each pair in both directions. A character that is like one other only maps to that one; of
    two that are only like each other the first is taken.
    """
    alike: list[str] = [found["c"] for found in confusables_data.get(character, [])]
    if len(alike) != 1:
        return character
    is_pair = len(confusables_data.get(alike[0], [])) == 1 and len(alike[0]) == 1
    return min(character, alike[0]) if is_pair else alike[0]
