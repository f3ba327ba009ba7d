"""Splits text that is longer than the model's context, and makes text storable."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from gptstore.sdk.abbreviations import ABBREVIATIONS, BEFORE_NUMBERS, MONTHS, STARTERS

_CHINESE_CLOSERS = r"[\"'”’»)\]）］」』】》〉]"
_CLOSERS = r"[\"'”’»«›‹“)\]}）］」』】》〉]|[ \u00a0\u202f]»(?!\w)"
_BORDER = re.compile(
    rf"""
      (?<![.!?…]) (?P<western>[.!?…]++) (?:{_CLOSERS})*+ (?: \s++ | \Z )
    | (?<![!?])   (?P<mixed>[!?]++)     (?:{_CLOSERS})*+ (?= [\u3400-\u9fff] )
    | (?P<chinese>[。！？｡]++)          {_CHINESE_CLOSERS}*+ \s*+
    | (?P<line>\n) \s*+
    """,
    re.VERBOSE,
)
_OPENERS = "\"'“‘«‹„([{¿¡—–-*\u00a0\u202f "

_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s+")

# NUL can't be stored in PostgreSQL, a lone surrogate can't be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_MAX_LOOK = 24
_WELL_FILLED = 0.8
_INTERPOLATIONS = 4
_SHORT = 256


def storable(text: str, instead: str = "") -> str:
    """Return the text without the characters that no database can store, or with `instead` in the place of each."""
    return _UNSTORABLE.sub(instead, text)


def is_storable(text: str) -> bool:
    """Return whether a database can store the text as it is."""
    return _UNSTORABLE.search(text) is None


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the white space that follows it: `"".join(result) == text`.

    Knows the punctuation of English, French, German, Spanish and Chinese, common abbreviations and initials. A new
    line is always a border. Time grows linearly with the text.
    """
    sentences, start = [], 0
    for end in _sentence_ends(text):
        sentences.append(text[start:end])
        start = end
    return sentences


def split_parts(text: str, max_tokens: int, count_tokens: Callable[[str], int]) -> list[str]:
    """Cut a text into parts of at most `max_tokens` tokens each: `"".join(result) == text`.

    Borders are those of sentences. A sentence that is too long is cut between words, a word that is too long between
    characters; a single character is never cut, however many tokens it takes. `count_tokens` is called a few times
    for each part, never on much more than one part.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    return _Splitter(text, max_tokens, count_tokens).split()


def _sentence_ends(text: str) -> list[int]:
    ends: list[int] = []
    start = 0
    for match in _BORDER.finditer(text):
        end = match.end()
        if _is_border(text, start, match) and not text[start:end].isspace():
            ends.append(end)
            start = end
    if start < len(text):
        if ends and text[start:].isspace():
            ends.pop()
        ends.append(len(text))
    return ends


def _is_border(text: str, start: int, match: re.Match[str]) -> bool:
    end = match.end()
    if match["western"] is None or end == len(text) or "\n" in match.group():
        return True
    following = text[end : end + _MAX_LOOK].lstrip(_OPENERS)
    if following[:1].islower():
        return False
    if match["western"] != ".":
        return True
    before = max(start, match.start() - _MAX_LOOK)
    words = text[before : match.start()].split()
    alone = before == start and len(words) == 1
    return not words or not _is_abbreviation(words[-1].lstrip(_OPENERS), following, alone)


def _is_abbreviation(word: str, following: str, alone: bool) -> bool:
    """Return whether the full stop after `word` belongs to it. alone: nothing stands before it in its sentence."""
    next_word = _WORD.match(following)
    if word.isdigit():
        ordinal = next_word is not None and next_word.group().lower() in MONTHS
        return len(word) <= 3 and (alone or ordinal)
    lower = word.lower()
    if _INITIALS.fullmatch(word) and word != "I" and lower not in ABBREVIATIONS:
        spaced = next_word is not None and len(next_word.group()) == 1 and following[1:2] == "."
        return spaced or (word[-1].isupper() and not (next_word and next_word.group() in STARTERS))
    return lower in ABBREVIATIONS or (lower in BEFORE_NUMBERS and following[:1].isdigit())


class _Splitter:
    """Finds the end of each part by guessing from the characters per token seen so far."""

    def __init__(self, text: str, max_tokens: int, count_tokens: Callable[[str], int]) -> None:
        self.text = text
        self.max_tokens = max_tokens
        self.count_tokens = count_tokens
        self.characters_per_token = 3.0

    def split(self) -> list[str]:
        parts: list[str] = []
        sentences = _sentence_ends(self.text)
        start = 0
        while start < len(self.text):
            end = self._reach(start, sentences)
            parts.append(self.text[start:end])
            start = end
        return parts

    def _reach(self, start: int, sentences: Sequence[int]) -> int:
        """Find the end of the part that begins at `start`: at a sentence, else at a word, else at a character."""
        sentence = bisect_right(sentences, start)
        end = self._farthest(start, sentences, sentence)
        if end is None:
            words = self._word_ends(start, sentences[sentence])
            end = self._farthest(start, words, 0)
            if end is None:
                end = self._farthest(start, range(start + 1, words[0] + 1), 0)
        return start + 1 if end is None else end

    def _word_ends(self, start: int, end: int) -> list[int]:
        """Find the ends of the words with their white space, as far as one part can possibly need them."""
        limit = min(end, start + self._far_too_long())
        ends = [match.end() for match in _SPACE.finditer(self.text, start, limit)]
        return ends if ends and (ends[-1] == end or limit < end) else [*ends, limit]

    def _farthest(self, start: int, borders: Sequence[int], first: int) -> int | None:
        """Find a border from `first` on that fits and leaves little room; None when not even the first one fits."""
        fits, fails = first - 1, len(borders)
        for attempt in range(64):
            if fails - fits <= 1:
                break
            guess = self._guess(start, borders, fits, fails) if attempt < _INTERPOLATIONS else (fits + fails) // 2
            tokens = self._measure(start, borders[guess])
            if tokens > self.max_tokens:
                fails = guess
            else:
                fits = guess
                if tokens >= self.max_tokens * _WELL_FILLED:
                    break
        return borders[fits] if fits >= first else None

    def _guess(self, start: int, borders: Sequence[int], fits: int, fails: int) -> int:
        reach = start + int(self.max_tokens * self.characters_per_token * 0.95)
        return min(max(bisect_right(borders, reach) - 1, fits + 1), fails - 1)

    def _measure(self, start: int, end: int) -> int:
        """Count the tokens from `start` to `end`, or of as much of it as is certainly too long."""
        cut = min(end, start + self._far_too_long())
        while True:
            tokens = self.count_tokens(self.text[start:cut])
            self.characters_per_token = (cut - start) / max(tokens, 1)
            if cut == end or tokens > self.max_tokens:
                return tokens
            cut = min(end, start + 2 * (cut - start))

    def _far_too_long(self) -> int:
        """Return a number of characters that is unlikely to fit into a part."""
        return max(_SHORT, int(self.max_tokens * self.characters_per_token * 4))
