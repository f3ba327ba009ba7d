"""Prompt lookup: guesses the next tokens of an answer from what its prompt and the answer so far have said before.

Where the last few tokens were there already, those that followed them come perhaps again: in summaries, quotes and
edits of code they often do. The model reads the guesses in one step, and says itself whether they are right.
"""

from array import array
from collections.abc import Sequence

_MAX_MATCH = 6
_MIN_MATCH = 2
"""Tokens that have to be there again, at best and at least."""

_FIRST_GUESSES = 4
_MAX_GUESSES = 16
"""Tokens that are guessed at first, and at most."""

_MAX_PAUSE = 128
"""Steps without a guess, at most, for a request whose guesses keep being wrong."""

_TYPE = "I"
_WIDTH = array(_TYPE).itemsize


class PromptLookup:
    """Guesses for one request, and learns from them: right ones make the next longer, wrong ones shorter and rarer."""

    def __init__(self) -> None:
        self._text = bytearray()  # the tokens, each a number of `_WIDTH` bytes: searched many times as fast as a list
        self._length = _FIRST_GUESSES
        self._pause = 0
        self._next_pause = 1
        self._guessed = 0
        self._guessed_at = 0

    def propose(self, tokens: Sequence[int], most: int) -> list[int]:
        """Return at most so many tokens that may follow; [] where nothing is known, or too little of it was right."""
        self._learn(len(tokens))
        if self._pause:
            self._pause -= 1
            return []
        self._text += array(_TYPE, tokens[len(self._text) // _WIDTH :]).tobytes()
        at = self._find()
        if at is None:
            return []
        found: list[int] = []
        for place in range(at, at + min(most, self._length)):
            found.append(tokens[place] if place < len(tokens) else found[place - len(tokens)])
        self._guessed, self._guessed_at = len(found), len(tokens)
        return found

    def _learn(self, length: int) -> None:
        """Compare the last guess with what came: a token of the model's own comes after those that were right."""
        guessed, right = self._guessed, length - self._guessed_at - 1
        self._guessed = 0
        if not guessed or right < 0:
            return
        if right == guessed:
            self._length = min(_MAX_GUESSES, 2 * self._length)
        else:
            self._length = max(2, right + 1, self._length // 2)
        if right:
            self._next_pause = max(1, self._next_pause // 2)
        else:
            self._pause = self._next_pause
            self._next_pause = min(_MAX_PAUSE, 2 * self._next_pause)

    def _find(self) -> int | None:
        """Return the place after the last earlier appearance of the most last tokens that appeared before."""
        for size in range(_MAX_MATCH, _MIN_MATCH - 1, -1):
            last, end = self._text[-size * _WIDTH :], len(self._text) - _WIDTH
            while (at := self._text.rfind(last, 0, end)) >= 0:
                if at % _WIDTH == 0:
                    return at // _WIDTH + size
                end = at + len(last) - 1
        return None
