"""The words of a text that carry its meaning, in a form that can be compared, and their weights (IDF)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import regex

from gptstore.sdk.clitics import stem
from gptstore.sdk.common_words import COMMON
from gptstore.sdk.graphemes import graphemes
from gptstore.sdk.normalized import nfc

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
"""Chinese characters, for a character class of a regular expression."""

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Line_Break=Complex_Context}"
"""Letters of scripts without spaces between words, for a class of `regex`: Chinese, Japanese, Thai, Lao, Khmer, …"""

_MARKS = r"\p{M}\u200c\u200d"

TOKEN = regex.compile(
    rf"""
      \p{{N}}+ (?: [.,\u066b\u066c] \p{{N}}+ )*
    | (?: \p{{Han}} [{_MARKS}]* | [々〇] )+
    | (?: [\p{{Katakana}}ー] [{_MARKS}]* )+
    | (?: \p{{Hiragana}} [{_MARKS}]* )+
    | (?: [\p{{Line_Break=Complex_Context}}] [{_MARKS}]* )+
    | (?: [\p{{L}}--[{UNSPACED}]] [{_MARKS}]* )+
    """,
    regex.VERBOSE | regex.V1,
)
"""Finds a number, a word of letters with their marks, or a run of letters of one script without spaces."""

IS_HAN = regex.compile(r"\p{Han}")
_IS_UNSPACED = regex.compile(rf"[{UNSPACED}]")

OPTIONAL = regex.compile(
    r"[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0670"
    r"\p{Default_Ignorable_Code_Point}]"
)
"""Finds a character that is left out or written as the writer likes: Hebrew points, Arabic vowel signs and tatweel (as
Lucene's ArabicNormalizer does) and signs of recitation, soft hyphens, joiners and variation selectors."""

_HEBREW_SIGNS = regex.compile(r"""(?<=\p{Hebrew})["'״׳](?=\p{Hebrew})""")


def content_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the most common ones of several languages.

    A noun's forms count as one where that is easily said: a plural in s, Korean particles, the Arabic article. Scripts
    without spaces between words come as pairs of characters. The normal form and vowel points make no difference.
    """
    words = []
    for token in TOKEN.findall(comparable(text)):
        if _IS_UNSPACED.match(token):
            words += _pairs(token)
        elif token not in COMMON and (len(token) > 1 or token.isdigit() or "가" <= token <= "힣"):
            words.append(stem(token))
    return [word for word in words if word not in COMMON]


def all_words(text: str) -> list[str]:
    """Return every word in lower case, and every character of a script without spaces between words."""
    words: list[str] = []
    for token in TOKEN.findall(comparable(text)):
        words += graphemes(token) if _IS_UNSPACED.match(token) else [token]
    return words


def comparable(text: str) -> str:
    """Return a text as it is compared: in NFC, without case, optional vowel signs and invisible characters."""
    return _HEBREW_SIGNS.sub("", nfc(OPTIONAL.sub("", nfc(text)).casefold()))


def _pairs(token: str) -> list[str]:
    """Return the pairs of neighbours in a text without spaces, as in Lucene's CJKBigramFilter."""
    characters = graphemes(token)
    return ["".join(characters[i : i + 2]) for i in range(max(len(characters) - 1, 1))]


class IdfWeights:
    """Weigh words by their inverse document frequency: log(1 + N / n) for a word in n of N texts.

    Rare words weigh more than frequent ones; a word in none of the texts counts as one in a single text.
    Each text is given as the set of its words.
    """

    def __init__(self, texts: Sequence[frozenset[str]]) -> None:
        self._texts = max(len(texts), 1)
        self._counts = Counter(word for text in texts for word in text)

    def sum(self, words: Iterable[str]) -> float:
        """Add up the weights of these words."""
        return math.fsum(math.log(1 + self._texts / max(self._counts[word], 1)) for word in words)
