"""Finds an answer in its passage, word for word."""

from collections.abc import Iterator
from unicodedata import category

import regex

from gptstore.sdk import Context
from gptstore.sdk.word_borders import is_whole, is_word_border
from gptstore.sdk.words import UNSPACED, content_words
from gptstore_base_model_aids.folded_text import FoldedText, one_line
from gptstore_base_model_aids.whole_numbers import NUMBER, Numbers, end_of_number, number_pattern, widen

JOINED = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}--[{UNSPACED}]]", regex.V1)
"""Finds a character that spaces part from the next word."""

TOKEN = regex.compile(rf"{NUMBER.pattern}|\s+|.", regex.VERBOSE)
INITIALS = regex.compile(r"(?<!\p{L})(?:\p{L}\.){2,}\Z")
MAX_INITIALS = 10

BEGINS = regex.compile(r"[\p{L}\p{M}\p{N}\p{Pc}\p{Sc}\p{So}#]|[-+±∓≈<>≤≥~%]?\p{Sc}?[-+±]?\.?\d")
ENDS = regex.compile(r"[\p{L}\p{M}\p{N}\p{Pc}\p{Sc}\p{So}#+%‰‱°′″]")
SIGNED = r"(?<![\p{L}\p{M}\p{N})\]%])"
"""Stands before a minus, so that it is none between two numbers or words."""


def keep_span(ctx: Context, passage: str, answer: str) -> str:
    """Return the answer as the passage has it; for one that the model made up, nothing but a line in the log."""
    span = find_span(passage, answer)
    if not span:
        ctx.log(f"Not in the passage, so not shown: {answer[:200]}")
    return span


def find_span(passage: str, answer: str) -> str:
    """Return the answer in the passage's own characters, or nothing when it is not there or means nothing.

    Case, white space, kinds of quotes, dashes, digits and widths, and punctuation at both ends make no difference.
    Numbers are kept whole, with their signs.
    """
    span = next(find_spans(passage, answer), None)
    return one_line(passage[slice(*span)]) if span else ""


def find_spans(passage: str, answer: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where the passage has the answer: as whole words, else as words with particles.

    Where it stands as it was said, those places are left out where its number has a sign, too.
    """
    tokens = trim(TOKEN.findall(FoldedText(answer).text))
    if not tokens or not says_something(answer):
        return
    folded = FoldedText(passage)
    numbers = Numbers(folded.text)
    places = [
        (match.start(), end_of_number(folded.text, match.end()))
        for match in regex.finditer(pattern_of(tokens), folded.text)
        if all(map(folded.is_border, match.span())) and not numbers.are_cut(*match.span())
    ]
    exact = [
        place
        for place in places
        if all(is_word_border(folded.text, border) for border in place) or numbers.has_year(*place)
    ]
    whole = exact or [place for place in places if is_whole(folded.text, *place)]
    spans = [folded.place(start, end) for start, end in whole]
    as_said = [span for span in spans if widen(passage, *span) == span]
    for first, last in as_said or [widen(passage, *span) for span in spans]:
        yield first, last + bool(INITIALS.search(passage, max(first, last - MAX_INITIALS), last + 1))


def trim(tokens: list[str]) -> list[str]:
    """Leave out punctuation and white space at both ends, but no sign of a number or a name."""
    text = "".join(tokens)
    while tokens and not BEGINS.match(text):
        text = text[len(tokens.pop(0)) :]
    while tokens and not ENDS.match(tokens[-1][-1]):
        tokens.pop()
    return tokens


def pattern_of(tokens: list[str]) -> str:
    """Return a pattern that finds the answer in a folded passage."""
    pattern = SIGNED if tokens[0] in ("-", "+") else ""
    before = ""
    is_apart = False
    for number, token in enumerate(tokens):
        if token.isspace():
            is_apart = True
            continue
        if before and not (number == 1 and before in ("-", "+")):
            joined = JOINED.match(before[-1]) and JOINED.match(token[0])
            loose = not joined or before[-1].isdecimal() != token[0].isdecimal()
            pattern += r"\s*" if loose else r"\s+" if is_apart else ""
        pattern += number_pattern(token) if NUMBER.fullmatch(token) else regex.escape(token)
        before, is_apart = token, False
    return pattern


def says_something(answer: str) -> bool:
    """Return whether the words mean something. Common words don't, unless they are written like US or WHO."""
    acronyms = any(len(word) > 1 and word.isupper() for word in answer.split())
    return acronyms or any(map(_has_meaning, answer)) or bool(content_words(answer))


def _has_meaning(sign: str) -> bool:
    """Return whether a character means something alone: a digit, an emoji, a letter of a script without case."""
    return sign.isnumeric() or category(sign) == "So" or (sign.isalpha() and sign.lower() == sign.upper())
