"""Forms of an answer: a text, an instance of a pydantic model, a choice. Each makes the call and reads the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from gptstore.sdk.answer import Answer, T, answer_schema, read_answer, read_choice
from gptstore.sdk.call import Call, Message, Sampling, make_call

R = TypeVar("R")


@dataclass(frozen=True)
class AnswerForm(Generic[R]):
    """One form of answers.

    read: returns what the tool gets; raises AnswerError for a text that does not fit. schema, choices: as in `Call`.
    defaults: the parameters of a call that gives no others.
    """

    read: Callable[[Answer], R]
    schema: dict[str, Any] | None = None
    choices: Sequence[str] = ()
    defaults: Sampling | None = None

    def call(self, prompt: str | Sequence[Message], params: Sampling) -> Call:
        """Make the call that asks for such an answer. Raises as `make_call`."""
        asked: Sampling = {**(self.defaults or {}), **params}
        return make_call(prompt, asked, schema=self.schema, choices=self.choices)


def text_form() -> AnswerForm[Answer]:
    """Return the form of any text."""
    return AnswerForm(lambda answer: answer)


def kind_form(kind: type[T]) -> AnswerForm[T]:
    """Return the form of JSON that fits this pydantic model, and is read as an instance of it."""
    return AnswerForm(partial(read_answer, kind), schema=answer_schema(kind))


def choice_form(choices: Sequence[str]) -> AnswerForm[str]:
    """Return the form of one of these texts; without a `temperature`, it is the likeliest."""
    if isinstance(choices, str) or not choices or not all(choices):
        raise TypeError("choices is a list of one or more texts that are not empty")
    return AnswerForm(partial(read_choice, choices), choices=choices, defaults={"temperature": 0})
