"""Tells sentences from code, where an answer has no fence to go by."""

import re

CODE_START = re.compile(
    r"\s*(?:(?:import|from|def|class|async|function|const|let|var|package|use|fn|pub|public|SELECT|WITH|CREATE)\s"
    r"|\#!|\#include|@\w|//|/\*|--|<\w|<!)"
)
CODE_SIGN = re.compile(r"[(){}\[\]=;<>$\\]")
LIST_OR_HEADING = re.compile(r"\s*(?:[-*+]|\d+[.)]|#+)\s")
SENTENCE_ENDS = tuple(".:!?。：！？")
CLOSERS = "\"'”’*_) "


def is_prose(line: str) -> bool:
    """Return whether it is surely a sentence: a capital letter first, three words (not in Chinese), an end mark."""
    text = line.strip()
    begins_like_one = text[:1].isalpha() and not text[:1].islower()
    long_enough = len(text.split()) >= 3 or not text.isascii()
    return begins_like_one and long_enough and ends_like_prose(text)


def is_code(line: str) -> bool:
    """Return whether it is surely code; a doubtful line waits until a fence or the end of the answer decides."""
    if CODE_START.match(line) and not is_prose(line):
        return True
    return CODE_SIGN.search(line) is not None and not (LIST_OR_HEADING.match(line) or ends_like_prose(line))


def ends_like_prose(line: str) -> bool:
    return line.rstrip(CLOSERS).endswith(SENTENCE_ENDS)
