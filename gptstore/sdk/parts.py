"""Splits text that is longer than the model's context into parts that fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import regex

from gptstore.sdk.graphemes import last_grapheme_border, next_grapheme_border
from gptstore.sdk.sentences import sentence_ends

_SPACE = regex.compile(r"\s+")

_WELL_FILLED = 0.8
_INTERPOLATIONS = 4
_SHORT = 256


def split_parts(text: str, max_tokens: int, count_tokens: Callable[[str], int]) -> list[str]:
    """Cut a text into parts of at most `max_tokens` tokens each: `"".join(result) == text`.

    Borders are those of sentences. A sentence that is too long is cut between words, a word that is too long between
    characters; a single one (a grapheme cluster) is never cut, however many tokens it takes. `count_tokens` is called
    a few times for each part, never on much more than one part.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    return _Splitter(text, max_tokens, count_tokens).split()


class _Splitter:
    """Finds the end of each part by guessing from the characters per token seen so far."""

    def __init__(self, text: str, max_tokens: int, count_tokens: Callable[[str], int]) -> None:
        self.text = text
        self.max_tokens = max_tokens
        self.count_tokens = count_tokens
        self.characters_per_token = 3.0

    def split(self) -> list[str]:
        parts: list[str] = []
        sentences = sentence_ends(self.text)
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
                end = self._whole_characters(start, self._farthest(start, range(start + 1, words[0] + 1), 0))
        return end

    def _whole_characters(self, start: int, end: int | None) -> int:
        """Return the last border of characters that is not behind `end`; at least one character is taken."""
        border = last_grapheme_border(self.text, end) if end is not None else start
        if border > start and (border == end or self._measure(start, border) <= self.max_tokens):
            return border
        return next_grapheme_border(self.text, start)

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
