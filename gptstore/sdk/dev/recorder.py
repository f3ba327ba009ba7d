"""Records what a tool asks of the model, and what it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any

from gptstore.sdk.answer import Thoughts
from gptstore.sdk.call import Call, Message
from gptstore.sdk.model import Model


@dataclass
class Exchange:
    """One request to the model, and its answer.

    number: of the request in its run, from 1. first_seconds: until the first piece; None: there was none.
    is_exact: the tokens are the model's own count; they are an estimate where its server counts none.
    problem: why there is no answer, or not all of it.
    """

    number: int
    call: Call
    answer: str = ""
    thoughts: str = ""
    first_seconds: float | None = None
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_exact: bool = True
    problem: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as the data of the event `model`."""
        form = {"schema": self.call.schema, "choices": [*self.call.choices] or None}
        return {
            "number": self.number,
            "prompt": self.call.prompt,
            "parameters": self.call.given | {name: value for name, value in form.items() if value is not None},
            "answer": self.answer,
            "thoughts": self.thoughts,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "tokens_are_exact": self.is_exact,
            "first_token_seconds": None if self.first_seconds is None else round(self.first_seconds, 3),
            "seconds": round(self.seconds, 3),
            "problem": self.problem,
        }


@dataclass
class Recorder:
    """Passes calls on to a model, and notes each. report: takes an exchange that has ended."""

    model: Model
    report: Callable[[Exchange], None]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def answer(self, call: Call) -> RecordedAnswer:
        """Return the model's answer, which notes what passes."""
        return RecordedAnswer(self, Exchange(next(self._numbers), call))

    def end(self, exchange: Exchange, pieces: Iterator[str] | None) -> None:
        """Count the tokens of an exchange, and report it."""
        usage = getattr(pieces, "usage", None)
        if usage is None:
            exchange.is_exact = getattr(self.model, "counts_exactly", True)
            usage = self._count(exchange.call.prompt), self._count(exchange.thoughts + exchange.answer)
        exchange.prompt_tokens, exchange.completion_tokens = usage
        self.prompt_tokens += exchange.prompt_tokens
        self.completion_tokens += exchange.completion_tokens
        self.report(exchange)

    def _count(self, prompt: str | Sequence[Message]) -> int:
        try:
            return self.model.count_tokens(prompt) if prompt else 0
        except Exception:  # the model is gone, which the exchange says itself
            return 0


class RecordedAnswer(Iterator[str]):
    """The pieces of one answer, noted as they pass. The request is sent when the first is asked for."""

    def __init__(self, recorder: Recorder, exchange: Exchange) -> None:
        self._recorder = recorder
        self._exchange = exchange
        self._pieces: Iterator[str] | None = None
        self._began = 0.0
        self._over = False

    def __next__(self) -> str:
        if self._over:
            raise StopIteration
        try:
            if self._pieces is None:
                self._began = perf_counter()
                self._pieces = self._recorder.model.answer(self._exchange.call)
            piece = next(self._pieces)
        except StopIteration:
            self._end()
            raise
        except BaseException as error:
            self._end(str(error) or type(error).__name__)
            raise
        self._note(piece)
        return piece

    def cancel(self) -> None:
        """Have the model stop, from any thread."""
        if (cancel := getattr(self._pieces, "cancel", None)) is not None:
            cancel()

    def close(self) -> None:
        """End the answer: the model makes no more of it."""
        if not self._over and self._pieces is not None:
            if (close := getattr(self._pieces, "close", None)) is not None:
                close()
            self._end("not read to its end")

    def _note(self, piece: str) -> None:
        exchange = self._exchange
        if exchange.first_seconds is None:
            exchange.first_seconds = perf_counter() - self._began
        if isinstance(piece, Thoughts):
            exchange.thoughts += piece
        else:
            exchange.answer += piece

    def _end(self, problem: str = "") -> None:
        self._over = True
        self._exchange.problem = problem
        self._exchange.seconds = perf_counter() - self._began
        self._recorder.end(self._exchange, self._pieces)
