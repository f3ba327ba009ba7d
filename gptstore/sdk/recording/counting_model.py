"""The scripted model of examples, which also counts the tokens that a real one might take for the same calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gptstore.sdk.call import Call, Message, Prompt
from gptstore.sdk.intake.example_answers import CONTEXT_LENGTH, ExampleModel

_BYTES_PER_TOKEN = 3
"""Fewer than of English (four), and as many as a Chinese character has: no text takes many more tokens."""


class CountingModel(ExampleModel):
    """Counts what is asked. An answer counts as long as it may become: its max_tokens, or the rest of the context."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.prompt_tokens = 0
        self.answer_tokens = 0
        self.is_unbounded = False

    def answer(self, call: Call) -> Iterator[str]:
        prompt = self._estimate(call.prompt)
        room = max(0, CONTEXT_LENGTH - prompt)
        is_bounded = call.max_tokens is not None and not call.thinking
        bound = room if call.max_tokens is None or call.thinking else min(call.max_tokens, room)
        if call.choices:
            is_bounded, bound = True, min(bound, max(map(estimate_tokens, call.choices)))
        with self._lock:
            self.prompt_tokens += prompt
            self.answer_tokens += bound
            self.is_unbounded |= not is_bounded
        return super().answer(call)

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        asked: Prompt = prompt if isinstance(prompt, str) else [*prompt]
        with self._lock:
            self.prompt_tokens += self._estimate(asked) + estimate_tokens(continuation)
        return super().score(prompt, continuation)

    def _estimate(self, prompt: Prompt) -> int:
        texts = [prompt] if isinstance(prompt, str) else [message["content"] for message in prompt]
        return max(self.count_tokens(prompt), sum(map(estimate_tokens, texts)))


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has for a real model."""
    return len(text.encode(errors="replace")) // _BYTES_PER_TOKEN + 1
