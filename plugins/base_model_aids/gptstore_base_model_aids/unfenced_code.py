"""Takes the sentences off code that no fence sets apart from them."""

import re
from collections.abc import Callable, Sequence
from itertools import product, takewhile

CODE_START = re.compile(
    r"\s*(?:(?:import|from|def|class|async|function|const|let|var|package|use|fn|pub|public|SELECT|WITH|CREATE)\s"
    r"|\#!|\#include|@\w|//|/\*|--|<\w|<!)"
)
CODE_SIGN = re.compile(r"[(){}\[\]=;<>$\\]")
LIST_OR_HEADING = re.compile(r"\s*(?:[-*+•]|\d+[.)]|#+|>)\s+")
LIST = re.compile(r"\s*(?:[-*+•]|\d+[.)]|>)\s+")
HEADING = re.compile(r"#{2,6}\s+")
SENTENCE_ENDS = tuple(".:!?。：！？؟।")
CODE_ENDS = tuple(")]};,\\")
CLOSERS = "\"'”’»*_)） "
OPENERS = "\"'“‘«*_¿¡"
MAX_KEPT = 12
"""Doubtful lines on each side of what is surely code that are tried as a part of it."""


def take_code(text: str, parses: Callable[[str], bool] | None = None) -> str:
    """Return the text without the sentences before and after its code; "" when there is nothing but sentences.

    parses: whether a text is code, where that can be checked. Then lines that are doubtful go, too, if what is left
    parses; nothing that is surely code is ever left out.
    """
    lines = text.split("\n")
    start, end = 0, len(lines)
    while start < end and not _is_kept(lines[start], lines[start - 1 : start] if start else []):
        start += 1
    while end > start and not _is_kept(lines[end - 1], lines[end : end + 1]):
        end -= 1
    code = "\n".join(lines[start:end])
    if parses is None or not code or parses(code):
        return code
    return text.strip("\n") if parses(text) else _part_that_parses(lines, parses) or code


def is_prose(line: str) -> bool:
    """Return whether it is surely a sentence: a capital letter first, three words (not in Chinese), an end mark."""
    text = line.strip().lstrip(OPENERS)
    begins_like_one = text[:1].isalpha() and not text[:1].islower()
    long_enough = len(text.split()) >= 3 or not text.isascii()
    return begins_like_one and long_enough and ends_like_prose(text)


def may_become_prose(beginning: str) -> bool:
    """Return whether a line that begins so may turn out to be a sentence, a heading or the first of a list."""
    text = beginning.lstrip()
    word = text.lstrip(OPENERS)
    return not word or (word[0].isalpha() and not word[0].islower()) or text[0] in "-*+•>#0123456789"


def is_code(line: str) -> bool:
    """Return whether it is surely code; a doubtful line waits until the rest of the text decides."""
    if CODE_START.match(line) and not is_prose(line):
        return True
    return CODE_SIGN.search(line) is not None and not (LIST_OR_HEADING.match(line) or ends_like_prose(line))


def begins_code(line: str, *, after_prose: bool) -> bool:
    """Return whether code begins with this line. after_prose: whether sentences often come first."""
    if after_prose:
        return is_code(line) and (CODE_START.match(line) is not None or not may_become_prose(line))
    return not (is_prose(line) or may_be_prose(line) or LIST.match(line) or _holds_signs_of_code(line))


def ends_like_prose(line: str) -> bool:
    return line.rstrip(CLOSERS).endswith(SENTENCE_ENDS)


def _is_kept(line: str, beside: Sequence[str]) -> bool:
    """Return whether a line at the border of a text is no sentence. beside: the line beyond it, which has gone."""
    if not line.strip() or LIST.match(line) or is_prose(line):
        return False
    stands_alone = not any(map(str.strip, beside))
    return not (stands_alone and may_be_prose(line))


def may_be_prose(line: str) -> bool:
    """Return whether it begins like a sentence and has no sign of code, as "Hope this helps" has none."""
    text = HEADING.sub("", line, count=1).lstrip(OPENERS)
    word = text.split()[0] if text.split() else ""
    begins_like_one = text[:1].isalpha() and not text[:1].islower() and not (len(word) > 1 and word.isupper())
    return begins_like_one and not CODE_SIGN.search(line) and not CODE_START.match(line)


def _part_that_parses(lines: list[str], parses: Callable[[str], bool]) -> str:
    """Return the part that parses, if there is one with no more than doubtful lines before and after it; else ""."""
    before, after = _count_doubtful(lines), _count_doubtful(lines[::-1])
    starts = range(before, max(-1, before - MAX_KEPT), -1)
    ends = range(len(lines) - after, min(len(lines), len(lines) - after + MAX_KEPT) + 1)
    for start, end in sorted(product(starts, ends), key=lambda span: span[1] - span[0]):
        code = "\n".join(lines[start:end])
        if code.strip() and parses(code):
            break
    else:
        return ""
    while start and not may_be_prose(lines[start - 1]) and parses("\n".join(lines[start - 1 : end])):
        start -= 1
    while end < len(lines) and not may_be_prose(lines[end]) and parses("\n".join(lines[start : end + 1])):
        end += 1
    return "\n".join(lines[start:end]).strip("\n")


def _count_doubtful(lines: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(_is_doubtful, lines))


def _is_doubtful(line: str) -> bool:
    if line.startswith((" ", "\t", "#")):
        return False
    return _holds_signs_of_code(line) or not is_code(line)


def _holds_signs_of_code(line: str) -> bool:
    """Return whether it begins like a sentence and goes on so, though it has signs of code."""
    goes_on = len(line.split()) > 3 and not line.rstrip().endswith(CODE_ENDS)
    return goes_on and may_become_prose(line) and not CODE_START.match(line)
