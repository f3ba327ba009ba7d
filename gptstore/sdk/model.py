"""The shared model, as a tool sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Literal, TypedDict


class Message(TypedDict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Model(ABC):
    """The language model that all tools share.

    name: what the model is called, for example "Qwen/Qwen3-4B".
    context_length: how many tokens fit into the prompt and the answer together.
    is_chat: True when the model has a chat template and so takes a list of messages; otherwise give it plain text
        that it continues.
    """

    name: str
    context_length: int
    is_chat: bool

    @abstractmethod
    def stream(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Ask the model and give its answer piece by piece, as it is made.

        max_tokens: the longest answer; None means what is left of the context.
        temperature: 0 takes the likeliest token each time; higher is more varied.
        top_p, top_k: choose among the likeliest tokens only.
        stop: the answer ends before the first of these strings.
        seed: the same seed, prompt and parameters give the same answer on the same worker.

        Raises Canceled when the job was canceled.
        """

    @abstractmethod
    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """How many tokens of the context this prompt takes; for messages, the chat template is counted too."""

    def complete(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
    ) -> str:
        """Ask the model and wait for the whole answer. Takes what `stream` takes."""
        return "".join(
            self.stream(
                prompt, max_tokens=max_tokens, temperature=temperature, top_p=top_p, top_k=top_k, stop=stop, seed=seed
            )
        )
