"""Texts of an exact number of tokens, each one new: no prompt has anything in common with an earlier one."""

import random
from collections.abc import Callable
from typing import Any

from bench.common.errors import NotMeasured

_WORDS = 1000
_MARKS = ("Ġ", "▁")
"""The space before a word in byte-level vocabularies, and in SentencePiece's."""


class Prompts:
    """Makes prompts of random words, each of which is one token.

    tokenizer: a transformers tokenizer. count_tokens: of a text, as the engine counts.
    """

    def __init__(self, tokenizer: Any, count_tokens: Callable[[str], int], seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._count = count_tokens
        self._words = self._find_words(tokenizer)
        self._added = count_tokens(self._words[0]) - 1

    def text(self, tokens: int) -> str:
        """Return a new text of exactly so many tokens. Raises NotMeasured when this tokenizer can't have it so."""
        text = "".join(self._random.choices(self._words, k=tokens - self._added))
        if (counted := self._count(text)) != tokens:
            raise NotMeasured(f"A prompt of {tokens} tokens came out with {counted}.")
        return text

    def _find_words(self, tokenizer: Any) -> list[str]:
        entries = sorted(tokenizer.get_vocab())
        words = [entry[1:] for entry in entries if entry[:1] in _MARKS and entry[1:].isascii() and entry[1:].isalpha()]
        words = [word for word in words if word.islower()]
        self._random.shuffle(words)
        least = min((self._count(f" {word}") for word in words[:_WORDS]), default=0)
        found = [f" {word}" for word in words[:_WORDS] if self._count(f" {word}") == least]
        if len(found) < 20:
            raise NotMeasured("The tokenizer has too few words of one token to make prompts from.")
        return found
