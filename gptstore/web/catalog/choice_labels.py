"""The labels of an input's choices in a tool's form."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from pygments.lexers import get_all_lexers

ANY = ("detect", "auto")


def labels_of(prop: Mapping[str, Any], choices: Iterable[object]) -> dict[str, str]:
    """Return the labels of a property's choices by value: its own, and for others such as `choice_labels` makes."""
    return {**choice_labels(choices), **prop.get("x-labels", {})}


def choice_labels(values: Iterable[object]) -> dict[str, str]:
    """Return the labels by value. Codes become names of languages only where every choice but "detect" is one."""
    names = [str(value) for value in values]
    if all(name in ANY or language_name(name) for name in names):
        return {name: language_name(name) or _("Detect") for name in names}
    if all(spelling(name) for name in names):
        return {name: spelling(name) for name in names}
    return {name: as_words(name) for name in names}


def language_name(code: str) -> str:
    """Return the language's name in the reader's language, or "" where it is no ISO 639-1 code that Django knows."""
    if code == "zh":  # which Django knows by its scripts only
        return _("Chinese")
    try:
        return str(get_language_info(code)["name_translated"]) if len(code) == 2 else ""
    except KeyError:
        return ""


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
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] or name
