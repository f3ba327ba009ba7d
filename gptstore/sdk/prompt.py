"""One prompt for chat models and one for base models, and texts that are too long for either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Unpack

from gptstore.sdk.answer import Answer
from gptstore.sdk.call import Prompt, Sampling
from gptstore.sdk.errors import ToolError
from gptstore.sdk.model import AT_ONCE, Model
from gptstore.sdk.text import split_parts

SPARE_TOKENS = 8
"""Two texts put together may have a few tokens more than the sum of both."""

_MIN_TOKENS = 32
"""A part of a text with fewer tokens than this is not worth a prompt."""


@dataclass(frozen=True, kw_only=True)
class PromptTemplate:
    """Makes prompts from texts, whichever kind of model the store has.

    system: the instructions of a chat model; the text follows as the user's message.
    completion: makes the prompt of a base model, which continues it.
    user: makes the user's message; when left out, that is the text without white space at its ends.
    stop: a text, or several: a base model's answer ends before the first of them.
    max_tokens: the longest answer. `fits` and `split_to_fit` leave room for it, so they need it.
    """

    system: str
    completion: Callable[[str], str]
    user: Callable[[str], str] = str.strip
    stop: str | Sequence[str] | None = None
    max_tokens: int | None = None

    def prompt(self, model: Model, text: str) -> Prompt:
        """Make the prompt: messages for a chat model, a text to continue for a base model."""
        if model.is_chat:
            return [{"role": "system", "content": self.system}, {"role": "user", "content": self.user(text)}]
        return self.completion(text)

    def stream(self, model: Model, text: str, **params: Unpack[Sampling]) -> Iterator[str]:
        """Ask the model and yield its answer piece by piece. `params` override the template's."""
        return model.stream(self.prompt(model, text), **self._params(model, params))

    def map(
        self, model: Model, texts: Iterable[str], *, at_once: int = AT_ONCE, **params: Unpack[Sampling]
    ) -> Iterator[Answer]:
        """Ask the model about each of these texts, as `model.map` does. `params` override the template's."""
        prompts = (self.prompt(model, text) for text in texts)
        return model.map(prompts, at_once=at_once, **self._params(model, params))

    def room(self, model: Model, text: str = "") -> int:
        """Return the number of tokens of the context that the prompt leaves; less than 0 if it is too long."""
        return model.context_length - model.count_tokens(self.prompt(model, text))

    def fits(self, model: Model, text: str) -> bool:
        """Return whether the prompt and an answer of `max_tokens` fit the context together."""
        return self.room(model, text) >= self._answer_tokens()

    def split_to_fit(self, model: Model, text: str, *, too_small: str = "") -> list[str]:
        """Cut a text on sentence borders into parts whose prompts fit: `"".join(result) == text`.

        Raises ToolError when the context has no room for a part beside the rest of the prompt and the answer.
        too_small: the message of this error, if you have better advice than that the model is too small.
        """
        room = self.room(model) - self._answer_tokens() - SPARE_TOKENS
        if room < _MIN_TOKENS:
            raise ToolError(
                too_small or f"This model reads and writes only {model.context_length} tokens, too few for this tool."
            )
        return split_parts(text, room, model.count_tokens)

    def _params(self, model: Model, params: Sampling) -> Sampling:
        return {"max_tokens": self.max_tokens, "stop": None if model.is_chat else self.stop, **params}

    def _answer_tokens(self) -> int:
        if self.max_tokens is None:
            raise TypeError("give the PromptTemplate max_tokens: without it nobody knows how much room an answer needs")
        return self.max_tokens
