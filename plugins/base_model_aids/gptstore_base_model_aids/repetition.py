"""Ends a translation that repeats itself again and again, or continues after its end."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from unicodedata import east_asian_width

import regex

from gptstore.sdk import Context
from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import UNSPACED, content_words

WORD = regex.compile(rf"[{UNSPACED}]\p{{M}}*|[\p{{L}}\p{{M}}\p{{N}}--[{UNSPACED}]]+", regex.V1)
IS_UNSPACED = regex.compile(rf"[{UNSPACED}]")
MAX_TIMES = 3
"""The most times of a phrase, if the source has nothing more often."""

MAX_LOOP = 12
"""The longest phrase, in words or characters without spaces, whose repetition one right after the other is searched."""

PHRASE = 4
"""The length of a phrase that may not come back too often with other words in between; twice that without spaces."""

MAX_GROWTH = 2.0
"""A translation may have any number of sentences if it is not longer than its source by this factor."""

WIDE_LETTERS = 3
"""The letters that a wide character stands for, to compare lengths: 你好 is "hello"."""

LAUGHTER = 3
"""A single character may come so many times more in a row: 哈哈哈哈哈."""

SAME_LETTERS = regex.compile(r"(\p{L}{1,4}?)\1+")

GLUE = " ,;:、，；：-–—"
TEMPERATURES = (0, 0.7)


def end_translation(ctx: Context, source: str, ask: Callable[[float], str], number: int) -> str:
    """Request a translation again, more freely, where it has no end; then cut it where the repetition begins.

    ask: takes a temperature and returns the model's translation. number: of the part, for the log.
    """
    translation = ""
    for temperature in TEMPERATURES:
        answer = ask(temperature).strip()
        translation = cut_runaway(source, answer)
        if translation == answer:
            return translation
    ctx.log(f"The model found no end for part {number}; its translation was cut: {source[:80]}")
    return translation


def cut_runaway(source: str, translation: str) -> str:
    position = find_runaway(source, translation)
    return translation if position is None else translation[:position].rstrip(GLUE)


def find_runaway(source: str, translation: str) -> int | None:
    """Return the position from which on the translation is of no use, or None.

    That is the second time of a phrase that comes more often than anything in the source, and more than three times;
    or the end of as many sentences as the source has, if there are two or more too many and it is far too long.
    """
    positions = (find_repetition(translation, source), find_overlength(translation, source))
    return min((position for position in positions if position is not None), default=None)


def find_overlength(translation: str, source: str) -> int | None:
    sentences = split_sentences(translation)
    expected = len(split_sentences(source))
    if len(sentences) <= expected + 1 or count_letters(translation) <= MAX_GROWTH * count_letters(source):
        return None
    return sum(map(len, sentences[:expected]))


def find_repetition(text: str, source: str = "") -> int | None:
    """Return where a phrase comes for the second time that comes too often, or None.

    A phrase that is repeated up to the end may come as often as one of the source; one that other words follow, once
    more, since the model has found out of it.
    """
    found = list(WORD.finditer(text))
    words = [match[0].casefold() for match in found]
    most = max(MAX_TIMES, longest_loop(source))
    again = [start + size for size in range(1, MAX_LOOP + 1) if (start := find_loop(words, size, most)) is not None]
    length = 2 * PHRASE if words and IS_UNSPACED.match(words[0]) else PHRASE
    phrases = [tuple(words[start : start + length]) for start in range(len(words) - length + 1)]
    most = max(most, *Counter(content_words(source)).values(), 0)
    for phrase, times in Counter(phrases).items():
        if times > most:
            again.append(phrases.index(phrase, phrases.index(phrase) + 1))
    return found[min(again)].start() if again else None


def find_loop(words: Sequence[str], size: int, most: int) -> int | None:
    """Return where a phrase of `size` words begins that comes too often in a row, or None."""
    for start, times, end in find_loops(words, size):
        laughter = LAUGHTER if size == 1 and IS_UNSPACED.match(words[start]) else 0
        if times > most + laughter + (end < len(words)):
            return start
    return None


def find_loops(words: Sequence[str], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield where a phrase of `size` words that is repeated begins, how many times it comes, and where that ends."""
    run = 0
    for start in range(len(words) - size + 1):
        if start + size < len(words) and words[start] == words[start + size]:
            run += 1
            continue
        if run >= size:
            yield start - run, (run + size) // size, start + size
        run = 0


def longest_loop(text: str) -> int:
    """Return how many times a phrase comes in a row at most, or the same letters within a word, as in hahaha."""
    words = [match[0] for match in WORD.finditer(text.casefold())]
    phrases = (times for size in range(1, MAX_LOOP + 1) for _, times, _ in find_loops(words, size))
    letters = (len(match[0]) // len(match[1]) for match in SAME_LETTERS.finditer(text.casefold()))
    return max(*phrases, *letters, 1, 1)


def count_letters(text: str) -> int:
    """Count letters and digits; a wide one, such as a Chinese or a Korean character, stands for several."""
    return sum(WIDE_LETTERS if east_asian_width(sign) in "WF" else 1 for sign in text if sign.isalnum())
