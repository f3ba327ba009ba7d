"""The shared model, as a tool sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Unpack

from gptstore.sdk.answer import Answer, AnswerStream, T, answer_schema, read_answer, read_choice
from gptstore.sdk.call import Call, Message, Sampling, make_call

__all__ = ["Message", "Model", "Sampling"]


class Model(ABC):
    """The language model that all tools share.

    name: the model's name, for example "Qwen/Qwen3-4B".
    context_length: the number of tokens that fit into the prompt and the answer together.
    is_chat: True when the model has a chat template and so takes a list of messages; otherwise give it plain text
        that it continues.

    Every method raises Canceled once the job was canceled. `answer`, `count_tokens` and `score` are what a host of
    tools implements; tools call all but `answer`.
    """

    name: str
    context_length: int
    is_chat: bool

    @abstractmethod
    def answer(self, call: Call) -> Iterator[str]:
        """Yield the model's answer to this call piece by piece, as it is made.

        Where the call asks for thinking, the model's thoughts come first, each piece of them as `Thoughts`.
        """

    @abstractmethod
    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        """Count the tokens of the context that this prompt takes; for messages, with the chat template."""

    @abstractmethod
    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        """Return the log-probabilities of this text after the prompt: for each of its tokens, the natural logarithm of
        its probability after all that stands before it.

        The sum is the logarithm of the whole text's probability. To compare texts of different lengths, divide it by
        the length of the list.
        """

    def stream(self, prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> AnswerStream:
        """Ask the model and yield its answer piece by piece, as it is made. `Sampling` lists the `params`."""
        return AnswerStream(self.answer(make_call(prompt, params)))

    def complete(self, prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> Answer:
        """Ask the model and wait for the whole answer, a str. Takes what `stream` takes."""
        return self.stream(prompt, **params).whole()

    def parse(self, kind: type[T], prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> T:
        """Ask the model for an instance of a pydantic model (structured output): its answer is JSON that fits it.

        The prompt should say what the fields mean: the model does not see the schema.
        Raises AnswerError when the answer was cut off, or when a validator of yours refuses it.
        """
        call = make_call(prompt, params, schema=answer_schema(kind))
        return read_answer(kind, AnswerStream(self.answer(call)).whole())

    def choose(self, choices: Sequence[str], prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> str:
        """Ask the model to choose one of these texts. It can answer nothing else.

        Without a `temperature` it takes the likeliest token each time, so that the same prompt gives the same choice.
        Raises AnswerError when the answer was cut off.
        """
        if isinstance(choices, str) or not choices or not all(choices):
            raise TypeError("choices is a list of one or more texts that are not empty")
        asked: Sampling = {"temperature": 0, **params}
        call = make_call(prompt, asked, choices=choices)
        return read_choice(choices, AnswerStream(self.answer(call)).whole())
