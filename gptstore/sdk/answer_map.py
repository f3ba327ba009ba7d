"""Answers to many prompts: several are made at the same time, and they come in the order of the prompts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from gptstore.sdk.answer import AnswerStream
from gptstore.sdk.answer_form import AnswerForm, R
from gptstore.sdk.call import Call
from gptstore.sdk.errors import AnswerError, ParameterError
from gptstore.sdk.parameters import MAX_SEED

if TYPE_CHECKING:
    from gptstore.sdk.model import Model

MAX_AT_ONCE = 32
"""Half of what a worker's batch holds by default, so that one run leaves room for others."""

_WARMER = 0.5
"""The temperature of a second attempt, where the first had none: it would be the same answer again."""


class FailedAnswer(Iterator[str]):
    """An answer that could not begin: its first piece raises why."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __next__(self) -> str:
        raise self.error


def map_answers(
    model: Model, form: AnswerForm[R], calls: Iterable[Call], *, at_once: int, attempts: int
) -> Iterator[R]:
    """Yield the answers in the order of the calls, which are read as there is room for them.

    When it ends, also by an error, the model makes nothing more of the answers that were not yielded.
    """
    unread = iter(calls)
    begun: deque[tuple[Call, AnswerStream]] = deque()
    try:
        while True:
            for call in islice(unread, at_once - len(begun)):
                begun.append((call, begin_answer(model, call)))
            if not begun:
                return
            yield read_attempts(model, form, *begun.popleft(), attempts)
    finally:
        for _, stream in begun:
            stream.close()


def begin_answer(model: Model, call: Call) -> AnswerStream:
    """Have the model begin with an answer that is read later. An error waits until then."""
    try:
        stream = AnswerStream(model.answer(call))
        stream.start()
    except Exception as error:
        return AnswerStream(FailedAnswer(error))
    return stream


def read_attempts(model: Model, form: AnswerForm[R], call: Call, stream: AnswerStream, attempts: int) -> R:
    """Return the answer. One that does not fit is asked for again. Raises the AnswerError of the last attempt."""
    for attempt in range(2, attempts + 1):
        try:
            return form.read(stream.whole())
        except AnswerError as error:
            model.report(f"{error.message} Asking the model again: attempt {attempt} of {attempts}.")
        call = vary(call)
        stream = AnswerStream(model.answer(call))
    return form.read(stream.whole())


def vary(call: Call) -> Call:
    """Return the call with another seed, and with some chance where it left none."""
    seed = None if call.seed is None else (call.seed + 1) % (MAX_SEED + 1)
    return replace(call, seed=seed, temperature=_WARMER if call.temperature == 0 else call.temperature)


def check_count(name: str, value: object, most: int) -> None:
    """Check a number of answers or attempts. Raises ParameterError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ParameterError(f"{name} must be a whole number between 1 and {most}, not {value!r}.")
