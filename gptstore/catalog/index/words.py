"""Cuts a text into the words by which it is found: the same for what is indexed and for what somebody types.

Both databases store and compare what comes out here as it is, so that they find the same.
"""

import re
import unicodedata
from collections.abc import Iterator

import regex

MAX_WORD = 48

UNCHANGED_BY_NFKD = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ـ": None}
)
"""Letters that are typed without their stroke or ligature, and the stretched line of Arabic."""

ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\u00ad\u200b-\u200f\u2060\ufeff]"
)
"""The marks of Latin, Greek and Cyrillic, the vowel points of Hebrew and Arabic, which most people leave out, and
characters without a width. The vowel signs of Indic and other scripts are letters to their readers: they stay.
"""

UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
"""A run of Chinese, Japanese or Korean, or of Thai, Lao, Khmer or Burmese, which write no spaces between words."""

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+[+#]*")
"""With the end of names such as C++ and F#."""


def fold(text: str) -> str:
    """Return the text without the differences of case, accents and widths."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(UNCHANGED_BY_NFKD)
    return unicodedata.normalize("NFKC", ACCENTS.sub("", decomposed))


def split(text: str) -> list[str]:
    """Return the words of a text: runs of letters, digits and signs that belong to them, folded."""
    return [word[:MAX_WORD] for word in WORD.findall(fold(text))]


def parts(word: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a word in different kinds of script, and whether that kind writes no spaces."""
    end = 0
    for run in UNSPACED.finditer(word):
        if run.start() > end:
            yield word[end : run.start()], False
        yield run[0], True
        end = run.end()
    if end < len(word):
        yield word[end:], False


def bigrams(run: str) -> list[str]:
    """Return the pairs of neighbours in a run of characters: of 翻译器 the pairs 翻译 and 译器."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def words_to_index(text: str) -> Iterator[str]:
    """Yield what a text is found by. The last character of a run is one of them: a character finds what begins so."""
    for word in split(text):
        for part, unspaced in parts(word):
            if unspaced:
                yield from bigrams(part)
                yield part[-1]
            else:
                yield part


def words_to_find(text: str, *, loose: bool = False) -> list[tuple[str, bool]]:
    """Return the words that must all be there, and whether one need only begin with each: pairs are whole.

    loose: without every second pair of a run: words of two characters are found in any order.
    """
    found: dict[str, bool] = {}
    for word in split(text):
        for part, unspaced in parts(word):
            if unspaced and len(part) > 1:
                pairs = bigrams(part)
                found |= dict.fromkeys([*pairs[::2], pairs[-1]] if loose else pairs, False)
            else:
                found[part] = True
    return [*found.items()]
