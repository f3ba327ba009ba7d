"""Puts masks in the place of a text's literals, for a model that would change them, and puts the literals back."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise, product

from gptstore.sdk.literals import Span, find_literals, find_numbers, join_touching

_WITH_DIGITS = re.compile(
    r"(?:(?<![\w.)\]])[-+±\u2212])?(?<![A-Za-z0-9])[A-Za-z]*+\d++(?:[.,'’:/\u00a0\u2009\u202f-]\d++)*+[A-Za-z0-9]*+"
)
_TAG = re.compile(r"<(/?)([a-z][\w:.-]*)[^<>]*?(/?)>", re.IGNORECASE)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SPACELESS = "\u2e80"
"""The first character of the scripts that write words without spaces, as far as this module is concerned: CJK."""


class Masks:
    """The masks of one text: words such as X1 and X2, which models copy as they copy names.

    text: the text with its masks. They are other words where the text has such words itself: nobody can forge one.
    numbers: mask numbers too. Models translate better what they can read, so mask those only that a model has changed.
    """

    def __init__(self, text: str, *, numbers: bool = False) -> None:
        self._word = _unused_word(text)
        self._pattern = re.compile(rf"( ?)(?<![A-Za-z0-9]){self._word}([0-9]+)(?![A-Za-z0-9])( ?)", re.IGNORECASE)
        self._literals: list[tuple[bool, str, bool]] = []
        pieces, start = [], 0
        for begin, end in _with_numbers(text) if numbers else find_literals(text):
            literal = text[begin:end]
            left = begin > start and _is_joined(text[begin - 1], literal[0] == "<")
            right = end < len(text) and _is_joined(text[end])
            self._literals.append((left, literal, right))
            pieces += [text[start:begin], " " * left, f"{self._word}{len(self._literals)}", " " * right]
            start = end
        self.text = "".join([*pieces, text[start:]])

    def __len__(self) -> int:
        return len(self._literals)

    def restore(self, text: str) -> str:
        """Return the text with the literals in place of their masks; `restore(masks.text)` is the text as it was."""
        return self._pattern.sub(self._literal, text)

    def remove(self, text: str) -> str:
        """Return the text without its masks: what there is to translate."""
        return self._pattern.sub(" ", text)

    def split(self, text: str) -> list[str]:
        """Return what stands before, between and behind the masks, and the masks: `"".join(result) == text`."""
        ends = [0, *(place for found in self._pattern.finditer(text) for place in found.span()), len(text)]
        return [text[begin:end] for begin, end in pairwise(ends)]

    def lost(self, text: str, answer: str) -> list[str]:
        """Return what the answer to a masked text lacks, or has too often: literals, numbers, tags in their order."""
        wanted, found = self._used(text), self._used(answer)
        wrong = [self.restore(f"{self._word}{number}") for number in (wanted - found) + (found - wanted)]
        numbers = Counter(_numbers(self.remove(text))) - Counter(_numbers(self.remove(answer)))
        if wrong or numbers:
            return [*wrong, *numbers.elements()]
        before, after = self.restore(text), self.restore(answer)
        return [] if _is_nested(after) or not _is_nested(before) else [found[0] for found in _TAG.finditer(before)]

    def _used(self, text: str) -> Counter[int]:
        return Counter(int(found[2]) for found in self._pattern.finditer(text))

    def _literal(self, found: re.Match[str]) -> str:
        number = int(found[2])
        if not 1 <= number <= len(self):
            return found[0]
        left, literal, right = self._literals[number - 1]
        return f"{'' if left else found[1]}{literal}{'' if right else found[3]}"


def _unused_word(text: str) -> str:
    """Return the first word of X, Q, Z and V that stands before no digit of the text."""
    used = {found.upper() for found in re.findall(r"[XQZV]+(?=\d)", text, re.IGNORECASE)}
    words = ("".join(letters) for size in range(1, 12) for letters in product("XQZV", repeat=size))
    return next(word for word in words if not any(ending.endswith(word) for ending in used))


def _is_joined(neighbour: str, is_tag: bool = False) -> bool:
    """Return whether a mask beside this character would be one word with it, so that a space has to part them."""
    return neighbour < _SPACELESS and (neighbour.isalnum() or (is_tag and not neighbour.isspace()))


def _with_numbers(text: str) -> list[Span]:
    spans, start = find_literals(text), 0
    for begin, end in [*spans, (len(text), len(text))]:
        spans += [found.span() for found in _WITH_DIGITS.finditer(text, start, begin)]
        start = end
    return join_touching(sorted(spans))


def _numbers(text: str) -> list[str]:
    return [number.replace("\u2212", "-") for number in find_numbers(text)]


def _is_nested(text: str) -> bool:
    """Return whether each tag that is opened is closed, and in the right order."""
    opened: list[str] = []
    for closing, name, empty in _TAG.findall(text):
        if closing:
            if not opened or opened.pop() != name.lower():
                return False
        elif not empty and name.lower() not in _VOID:
            opened.append(name.lower())
    return not opened
