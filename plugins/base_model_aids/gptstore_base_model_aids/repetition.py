"""Ends a translation that repeats itself again and again, or continues after its end."""

import re
from collections import Counter
from collections.abc import Callable

from gptstore.sdk import Context
from gptstore.sdk.text import split_sentences
from gptstore.sdk.words import HAN

WORD = re.compile(rf"[{HAN}]|[^\W{HAN}]+")
MAX_TIMES = 3
MAX_LOOP = 12
"""The longest phrase, in words or Chinese characters, whose repetition one right after the other is searched."""

PHRASE = 4
"""The length of a phrase that may also not come back too often with other words in between."""

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

    That is the second time of a phrase that comes more than three times, unless the source repeats itself too; or the
    end of as many sentences as the source has, if there are two or more too many.
    """
    ends = [0]
    for sentence in split_sentences(translation):
        ends.append(ends[-1] + len(sentence))
    expected = len(split_sentences(source))
    too_long = ends[expected] if len(ends) - 1 > expected + 1 else None
    again = None if find_repetition(source) is not None else find_repetition(translation)
    return min((position for position in (again, too_long) if position is not None), default=None)


def find_repetition(text: str) -> int | None:
    """Return where a phrase comes for the second time that comes more than three times, or None."""
    found = list(WORD.finditer(text))
    words = [match[0].casefold() for match in found]
    again = [start + size for size in range(1, MAX_LOOP + 1) if (start := _find_loop(words, size)) is not None]
    phrases = [tuple(words[start : start + PHRASE]) for start in range(len(words) - PHRASE + 1)]
    often = {phrase for phrase, times in Counter(phrases).items() if times > MAX_TIMES}
    for phrase in often:
        first = phrases.index(phrase)
        again.append(phrases.index(phrase, first + 1))
    return found[min(again)].start() if again else None


def _find_loop(words: list[str], size: int) -> int | None:
    """Return where a phrase of `size` words begins that comes more than three times in a row, or None."""
    run = 0
    for start in range(len(words) - size):
        run = run + 1 if words[start] == words[start + size] else 0
        if run == MAX_TIMES * size:
            return start + 1 - run
    return None
