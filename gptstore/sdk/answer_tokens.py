"""Which tokens belong to the text that is sent: the text of some is held back, cut off, or taken for thoughts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from gptstore.sdk.logprobs import TokenLogprob


class AnswerTokens:
    """Keeps the log-probabilities of an answer's tokens until the text in which they begin is sent.

    Places are characters of all that the model wrote. An answer is the end of that, from some place on. A token that
    completes no character begins where the next one does.
    """

    def __init__(self) -> None:
        self._written = 0
        self._begin: int | None = None
        self._sent = 0
        self._held: deque[tuple[int, int, TokenLogprob]] = deque()

    def add(self, text: str, answer: str, logprobs: Iterable[TokenLogprob]) -> None:
        """Note new text of the model, which of it belongs to the answer for certain, and its tokens.

        answer: the end of all that was written so far, as far as it was not in earlier ones.
        """
        place, end = self._written, self._written + len(text)
        tokens = [*logprobs]
        for number, token in enumerate(tokens, 1):
            after = end if number == len(tokens) else min(place + len(token.text), end)
            self._held.append((place, after, token))
            place = after
        self._written = end
        if answer and self._begin is None:
            self._begin = self._sent = end - len(answer)

    def send(self, text: str) -> tuple[TokenLogprob, ...]:
        """Return the tokens of the next text of the answer."""
        if self._begin is None or not text:
            return ()
        self._sent += len(text)
        sent: list[TokenLogprob] = []
        while self._held and self._held[0][0] < self._sent:
            place, end, token = self._held.popleft()
            if place >= self._begin or end > self._begin:
                sent.append(token)
        return tuple(sent)
