"""Knows where words begin and end in a folded text, in scripts with spaces between words and in those without."""

import regex

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""The scripts that put no spaces between words, for a character class."""

IS_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\p{Pc}]")

_IS_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_SUFFIX = regex.compile(r"(?:[^\P{L}\p{Hangul}]\p{M}*){1,3}(?![\p{L}\p{M}\p{N}])")

# Korean particles and forms of the copula, which are written together with the word before them.
_PARTICLES = (
    "은|는|이|가|을|를|의|에|에서|에게|에게서|께서|한테|로|으로|와|과|하고|도|만|부터|까지|처럼|보다|마다|조차|마저|나|이나|라는|이라는|라고|이라고"
    "|다|이다|였다|이었다|입니다|였습니다|이었습니다|고|이고|며|이며|인|예요|이에요"
)
_AFTER_WORD = regex.compile(rf"(?:{_PARTICLES})+(?![\p{{L}}\p{{M}}\p{{N}}])")

# Hebrew and Arabic words for "and", "in", "to", "the" and the like, which are written together with the word after them.
_BEFORE_WORD = regex.compile(r"(?<![\p{L}\p{M}\p{N}])(?:[וש]{0,2}[הבלכמ]?|[وف]?(?:[بك]?(?:ال)?|لل?))\Z")
_MAX_BEFORE = 6


def is_whole(text: str, start: int, end: int) -> bool:
    """Return whether no word is cut at both ends of a span. A number may have a counting word or a suffix."""
    return not _in_word(text, start) and (not _in_word(text, end) or text[end - 1].isdecimal() and _counts(text, end))


def is_inflected(text: str, start: int, end: int) -> bool:
    """Return whether the words are whole but for particles that the language writes together with them."""
    begins = not _in_word(text, start) or _BEFORE_WORD.search(text, max(0, start - _MAX_BEFORE), start)
    ends = not _in_word(text, end) or _AFTER_WORD.match(text, end)
    return bool(begins and ends)


def with_suffix(text: str, end: int) -> int:
    """Return the end of a number with the letters that follow it directly, as in 5ml, 1990s or 12वीं."""
    suffix = _SUFFIX.match(text, end) if text[end - 1].isdecimal() and _in_word(text, end) else None
    return suffix.end() if suffix else end


def is_unspaced(character: str) -> bool:
    """Return whether it is of a script that puts no spaces between words."""
    return _IS_UNSPACED.match(character) is not None


def _counts(text: str, end: int) -> bool:
    return "\uac00" <= text[end] <= "\ud7a3" or _SUFFIX.match(text, end) is not None


def _in_word(text: str, position: int) -> bool:
    """Return whether both characters beside this position belong to one word."""
    beside = text[max(0, position - 1) : position + 1]
    return (
        0 < position < len(text)
        and all(map(IS_WORD.match, beside))
        and not any(map(is_unspaced, beside))
    )
