"""The shared model, as a tool sees it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Unpack, overload

from pydantic import BaseModel

from gptstore.sdk.answer import Answer, AnswerStream, T
from gptstore.sdk.answer_form import AnswerForm, choice_form, kind_form, text_form
from gptstore.sdk.answer_map import MAX_AT_ONCE, check_count, map_answers, read_attempts
from gptstore.sdk.call import Call, Message, Sampling, check_names, make_call

__all__ = ["Message", "Model", "Sampling"]

logger = logging.getLogger(__name__)

AT_ONCE = 16
MAX_ATTEMPTS = 10


class Model(ABC):
    """The language model that all tools share.

    name: the model's name, for example "Qwen/Qwen3-4B".
    context_length: the number of tokens that fit into the prompt and the answer together.
    is_chat: True when the model has a chat template and so takes a list of messages; otherwise give it plain text
        that it continues.

    Every method raises Canceled once the job was canceled. A tool may call them from several threads of its own.
    `answer`, `count_tokens`, `score` and `report` are what a host of tools implements; tools call all but `answer` and
    `report`.
    """

    name: str
    context_length: int
    is_chat: bool

    @abstractmethod
    def answer(self, call: Call) -> Iterator[str]:
        """Yield the model's answer to this call piece by piece, as it is made.

        Where the call asks for thinking, the model's thoughts come first, each piece of them as `Thoughts`. Where it
        asks for log-probabilities, the pieces of the answer are `Piece`s, which have them.
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

    def report(self, message: str) -> None:
        """Write to the job's log what happened to a call; where there is no job, to Python's own log."""
        logger.info(message)

    def stream(self, prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> AnswerStream:
        """Ask the model and yield its answer piece by piece, as it is made. `Sampling` lists the `params`."""
        return AnswerStream(self.answer(make_call(prompt, params)))

    def complete(self, prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> Answer:
        """Ask the model and wait for the whole answer, a str. Takes what `stream` takes."""
        return self.stream(prompt, **params).whole()

    def parse(
        self, kind: type[T], prompt: str | Sequence[Message], *, attempts: int = 1, **params: Unpack[Sampling]
    ) -> T:
        """Ask the model for an instance of a pydantic model (structured output): its answer is JSON that fits it.

        The prompt should say what the fields mean: the model does not see the schema.
        attempts: how often it is asked at most, until an answer fits, each time with another seed; at temperature 0,
        which gives the same answer again, with a higher one from the second time on. The log says so.
        Raises AnswerError when the answer was cut off, or when a validator of yours refuses it.
        """
        check_count("attempts", attempts, MAX_ATTEMPTS)
        form = kind_form(kind)
        call = form.call(prompt, params)
        return read_attempts(self, form, call, AnswerStream(self.answer(call)), attempts)

    def choose(self, choices: Sequence[str], prompt: str | Sequence[Message], **params: Unpack[Sampling]) -> str:
        """Ask the model to choose one of these texts. It can answer nothing else.

        Without a `temperature` it takes the likeliest token each time, so that the same prompt gives the same choice.
        Raises AnswerError when the answer was cut off.
        """
        form = choice_form(choices)
        return form.read(AnswerStream(self.answer(form.call(prompt, params))).whole())

    @overload
    def map(
        self, prompts: Iterable[str | Sequence[Message]], *, at_once: int = ..., **params: Unpack[Sampling]
    ) -> Iterator[Answer]: ...
    @overload
    def map(
        self,
        prompts: Iterable[str | Sequence[Message]],
        *,
        parse: type[T],
        attempts: int = ...,
        at_once: int = ...,
        **params: Unpack[Sampling],
    ) -> Iterator[T]: ...
    @overload
    def map(
        self,
        prompts: Iterable[str | Sequence[Message]],
        *,
        choose: Sequence[str],
        at_once: int = ...,
        **params: Unpack[Sampling],
    ) -> Iterator[str]: ...
    def map(
        self,
        prompts: Iterable[str | Sequence[Message]],
        *,
        parse: type[BaseModel] | None = None,
        choose: Sequence[str] | None = None,
        attempts: int = 1,
        at_once: int = AT_ONCE,
        **params: Unpack[Sampling],
    ) -> Iterator[Any]:
        """Ask the model with each of these prompts, several at the same time, and yield the answers in their order.

        The model works on all of them in one batch, so that many take little longer than one.
        parse, choose: as the methods of these names, for each of the answers; without them, each is a text.
        attempts: as for `parse`. at_once: how many answers are made at the same time, 1 to 32.
        prompts: any iterable; it is read as there is room for more. Nothing is asked before the first answer is
        awaited, and when you stop reading, or an answer raises, the others end.
        Raises what the methods raise, each error in its answer's turn.
        """
        check_count("at_once", at_once, MAX_AT_ONCE)
        check_count("attempts", attempts, MAX_ATTEMPTS)
        if parse is not None and choose is not None:
            raise TypeError("give parse= or choose=, not both")
        if isinstance(prompts, str):
            raise TypeError("prompts is a list of prompts; for one, call complete")
        form: AnswerForm[Any] = text_form()
        if parse is not None:
            form = kind_form(parse)
        elif choose is not None:
            form = choice_form(choose)
        check_names(params)
        calls = (form.call(prompt, params) for prompt in prompts)
        return map_answers(self, form, calls, at_once=at_once, attempts=attempts)
