"""Borders of words, by which a quote can be told from half a word.

The default rules of Unicode Standard Annex #29, as the `regex` package has them, which let every character of a script
without spaces be a word. What they join and readers don't is added: apostrophes, and words that are written onto nouns.
"""

from __future__ import annotations

import regex

from gptstore.sdk.clitics import AFTER_KOREAN, BEFORE_ARABIC, BEFORE_HEBREW
from gptstore.sdk.graphemes import is_grapheme_border

_MAX_CLITIC = 12
_MIN_NOUN = 3

_BORDER = regex.compile(
    r"""
      \b
    | (?<=\p{L}\p{M}*) (?=['’ʼ]\p{L})                                   # John|'s
    | (?<=\p{L}\p{M}*['’ʼ]) (?=\p{L})                                   # l'|été
    | (?<=[\p{L}\p{N}--[\p{Hangul}]]) (?=\p{Hangul})                    # NATO|는, 333|미터
    | (?<=\p{Hangul}) (?=[\p{L}\p{N}--[\p{Hangul}]])
    | (?<=\p{Z}) (?=\p{Z})
    """,
    regex.WORD | regex.VERBOSE | regex.V1,
)


def is_word_border(text: str, position: int) -> bool:
    """Return whether a word may begin or end here. At both ends of the text one may."""
    if not 0 < position < len(text):
        return 0 <= position <= len(text)
    return is_grapheme_border(text, position) and _BORDER.match(text, position) is not None


def is_whole(text: str, start: int, end: int) -> bool:
    """Return whether `text[start:end]` is made of whole words.

    A noun counts as whole without the Korean particles that follow it, and without the article, "and" or "in" that
    Arabic and Hebrew write before it.
    """
    return start < end and _begins_word(text, start, end) and _ends_word(text, start, end)


def _begins_word(text: str, start: int, end: int) -> bool:
    if is_word_border(text, start):
        return True
    before = text[max(start - _MAX_CLITIC, 0) : start]
    clitic = BEFORE_ARABIC.search(before) or BEFORE_HEBREW.search(before)
    return clitic is not None and end - start >= _MIN_NOUN and is_grapheme_border(text, start)


def _ends_word(text: str, start: int, end: int) -> bool:
    if is_word_border(text, end):
        return True
    return "가" <= text[end - 1] <= "힣" and AFTER_KOREAN.match(text, end) is not None
