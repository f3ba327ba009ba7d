"""Problems of names: those that look like another plugin's, and those that hide what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from gptstore.sdk.intake.built_in import BUILT_IN, OWN_PACKAGES, owner_of
from gptstore.sdk.intake.confusable import is_of_one_language, skeleton
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.package import normalize_name
from gptstore.sdk.problem import Problem

_WORDS = re.compile(r"\w+")
_PREFIX = "gptstore-"
_MIN_SLIP = 8
"""Short words differ by one letter from many others."""

_DIGITS = str.maketrans("0135", "oles")
_JOINERS = {"\u200c", "\u200d"}
"""Invisible, and a part of how some languages and emoji are written."""


def find_package_problems(package: str, others: Collection[str] = ()) -> Iterator[Problem]:
    """Yield that a package's name could be taken for another one. The same name is no look-alike.

    others: names of plugins in a store, beside the project's own.
    """
    name = normalize_name(package)
    if name in OWN_PACKAGES:
        yield Problem("name", f"the package's name {package} is one of the store's own", "choose another name")
    known = {*BUILT_IN, *OWN_PACKAGES, *others}
    if name not in known and (other := _look_alike(name, known)):
        message = f"the package's name {package} is easily mistaken for {other}"
        yield Problem("name", message, "choose a name that differs in more than one letter")


def find_tool_problems(tool: ToolManifest, plugin: str, slugs: Collection[str] = ()) -> Iterator[Problem]:
    """Yield names of a tool that could be taken for another one's, or that mix or hide characters.

    slugs: of tools in a store, beside the built-in ones.
    """
    own = {slug for owner, its in BUILT_IN.items() if owner == plugin for slug in its}
    others = {*slugs, *(slug for its in BUILT_IN.values() for slug in its)} - own
    if tool.slug not in others and (other := _look_alike(tool.slug, others)):
        message = f"the slug {tool.slug!r} is easily mistaken for {_named(other)}"
        yield Problem("name", message, "give one with slug= that differs in more than one letter")
    titles = {slug.replace("-", " ") for slug in others}
    if tool.slug not in others and (other := _look_alike(tool.title, titles)):
        message = f"the title {tool.title!r} is easily mistaken for that of {_named(other)}"
        yield Problem("name", message, "give another one with title=")
    elif not all(map(is_of_one_language, _WORDS.findall(tool.title))):
        message = f"the title {tool.title!r} has a word of letters of two alphabets"
        yield Problem("name", message, "write each word in one alphabet")
    for what, text in (("title", tool.title), ("summary", tool.summary)):
        if hidden := [one for one in text if unicodedata.category(one) == "Cf" and one not in _JOINERS]:
            message = f"the {what} of {tool.slug} has the invisible character U+{ord(hidden[0]):04X}"
            yield Problem("name", message, "take it out")


def _named(other: str) -> str:
    return f"the {'built-in ' if owner_of(other.replace(' ', '-')) else ''}tool {other!r}"


def _look_alike(name: str, known: Collection[str]) -> str:
    """Return the known name for which people could take this one, "" where there is none."""
    return next((other for other in sorted(known) if _is_alike(name, other)), "")


def _is_alike(name: str, other: str) -> bool:
    """Return whether both look the same at a glance, or differ by one slip, beside a prefix that they share."""
    prefix, _, rest = name.partition(_PREFIX)
    if not prefix and other.startswith(_PREFIX) and other not in OWN_PACKAGES:
        name, other = rest, other.removeprefix(_PREFIX)
    shape, known = _shape(name), _shape(other)
    return shape == known or _is_one_slip(shape, known)


@lru_cache(maxsize=10_000)  # a store compares each name with all that it has
def _shape(name: str) -> str:
    """Return the name as it looks at a glance: without separators, digits as the letters that they resemble."""
    plain = skeleton(name.casefold().translate(_DIGITS))
    return re.sub(r"[\W_]", "", plain).replace("rn", "m").replace("vv", "w")


def _is_one_slip(name: str, other: str) -> bool:
    """Return whether one letter more, less, other or exchanged with its neighbour makes one long name of the other."""
    if min(len(name), len(other)) < _MIN_SLIP or abs(len(name) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    rest, others = name[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == others or rest == others[1:] or rest[1:] == others[1:] or swapped == others
