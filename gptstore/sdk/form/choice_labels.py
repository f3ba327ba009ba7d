"""The labels of an input's choices in a tool's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pygments.lexers import get_all_lexers

from gptstore.sdk.form.language_names import LANGUAGE_NAMES
from gptstore.sdk.translation import ENGLISH, Translation

ANY = ("detect", "auto")


def labels_of(prop: Mapping[str, Any], choices: Iterable[object], words: Translation = ENGLISH) -> dict[str, str]:
    """Return the labels of a property's choices by value: its own, and for others such as `choice_labels` makes."""
    return {**choice_labels(choices, words), **prop.get("x-labels", {})}


def choice_labels(values: Iterable[object], words: Translation = ENGLISH) -> dict[str, str]:
    """Return the labels by value. Codes become names of languages only where every choice but "detect" is one."""
    names = [str(value) for value in values]
    if all(name in ANY or language_name(name, words) for name in names):
        return {name: language_name(name, words) or words.gettext("Detect") for name in names}
    if all(spelling(name) for name in names):
        return {name: spelling(name) for name in names}
    return {name: as_words(name) for name in names}


def language_name(code: str, words: Translation = ENGLISH) -> str:
    """Return the language's name in the reader's language, or "" where it is no code that Django knows."""
    if code == "zh":  # which Django knows by its scripts only
        return words.gettext("Chinese")
    name = LANGUAGE_NAMES.get(code, "")
    return words.gettext(name) if name else ""


def spelling(name: str) -> str:
    """Return the spelling of a programming language, such as "C++" for "cpp", or "" where pygments knows none."""
    return spellings().get(name, "")


@cache
def spellings() -> dict[str, str]:
    """Return the spellings of all languages that pygments knows, by their aliases. Of two the first counts."""
    found: dict[str, str] = {}
    for name, aliases, _patterns, _types in get_all_lexers(plugins=False):
        for alias in aliases:
            found.setdefault(alias, name if name.casefold() in aliases else as_words(alias))
    return found


def as_words(name: str) -> str:
    """Return a name as words: "style_of_code" becomes "Style of code"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] or name
