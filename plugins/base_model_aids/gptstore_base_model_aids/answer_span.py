"""Finds an answer in its passage, word for word."""

import re
from itertools import pairwise

from gptstore.sdk import Context
from gptstore.sdk.words import HAN, content_words

TOKEN = re.compile(r"\w+|[^\w\s]")
LETTER = rf"[^\W{HAN}]"
ALIKE = {sign: f"[{re.escape(signs)}]" for signs in ("'’‘`", '"“”„«»', "-–—‐") for sign in signs}
PART_OF_ANSWERS = "$€£¥%°#+"


def keep_span(ctx: Context, passage: str, answer: str) -> str:
    """Return the answer as the passage has it; for one that the model made up, nothing but a line in the log."""
    span = find_span(passage, answer)
    if not span:
        ctx.log(f"Not in the passage, so not shown: {answer[:200]}")
    return span


def find_span(passage: str, answer: str) -> str:
    """Return the answer as the passage has it, or nothing when it is not there or means nothing, such as "of the".

    Case, white space, the kind of quotes and dashes, and punctuation at both ends make no difference.
    """
    tokens = TOKEN.findall(answer)
    while tokens and _is_punctuation(tokens[-1]):
        tokens.pop()
    while tokens and _is_punctuation(tokens[0]):
        tokens.pop(0)
    if not tokens or not _says_something(answer):
        return ""
    found = re.search(_pattern(tokens), passage, re.IGNORECASE)
    return " ".join(found[0].split()) if found else ""


def _pattern(tokens: list[str]) -> str:
    pattern = ALIKE.get(tokens[0]) or re.escape(tokens[0])
    for before, token in pairwise(tokens):
        between_words = before[-1].isalnum() and token[0].isalnum()
        pattern += (r"\s+" if between_words else r"\s*") + (ALIKE.get(token) or re.escape(token))
    return rf"(?<!{LETTER}){pattern}(?!{LETTER})"


def _is_punctuation(token: str) -> bool:
    return not any(sign.isalnum() or sign in PART_OF_ANSWERS for sign in token)


def _says_something(answer: str) -> bool:
    """Return whether the words mean something. Common words don't, unless they are written like US or WHO."""
    return bool(content_words(answer)) or any(len(word) > 1 and word.isupper() for word in answer.split())
