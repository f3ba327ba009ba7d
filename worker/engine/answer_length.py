"""The length of an answer in tokens: thoughts come before it and have a limit of their own."""

from worker.engine.params import DEFAULT_MAX_TOKENS, SamplingParams
from worker.engine.thoughts import ThoughtFilter

MAX_THOUGHT_TOKENS = 4096
"""The most tokens of thoughts before an answer, as far as the context has room for them beside it."""

CLOSING_TOKENS = 16
"""Room for the text that ends thoughts, in any vocabulary."""


class AnswerLength:
    """Bounds the tokens of one request after its prompt.

    room: those that the context has after the prompt. thoughts: of the same request; None: there can be none.
    The answer gets its `max_tokens` whatever the thoughts take: these end where its room begins.
    """

    def __init__(self, params: SamplingParams, room: int, thoughts: ThoughtFilter | None) -> None:
        self._answer = min(params.max_tokens or DEFAULT_MAX_TOKENS, room)
        self._room = room
        self._thoughts = thoughts
        self._begun_at: int | None = None
        self.most_thoughts = max(0, min(MAX_THOUGHT_TOKENS, room - self._answer - CLOSING_TOKENS))

    def longest(self, made: int) -> int:
        """Return the most tokens after the prompt, thoughts included, where `made` are there already."""
        if self._thoughts is None or not self._thoughts.found:
            return self._answer
        if self._thoughts.is_open:
            return min(self.most_thoughts + CLOSING_TOKENS + self._answer, self._room)
        if self._begun_at is None:
            self._begun_at = made
        return min(self._begun_at + self._answer, self._room)
