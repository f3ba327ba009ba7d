"""The context that a tool gets in its child, with the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from time import monotonic
from typing import Any

from pydantic import BaseModel

from gptstore.sdk.call import Call, Message
from gptstore.sdk.context import Context
from gptstore.sdk.host import messages
from gptstore.sdk.host.answer_pieces import AnswerPieces
from gptstore.sdk.host.port import Port
from gptstore.sdk.model import Model
from gptstore.sdk.text import storable

MAX_NOTE = 10_000


class JobContext(Context):
    """The context of a job, which sends to the worker over a port."""

    def __init__(self, port: Port, start: messages.Start, settings: BaseModel | None) -> None:
        self.port = port
        self.settings = settings
        self.model: Model = JobModel(port, start)
        self.deadline = None if start.seconds_left is None else monotonic() + start.seconds_left

    def progress(self, done: float, total: float, message: str = "") -> None:
        self.port.raise_if_stopped()
        if not (isfinite(done) and isfinite(total)):
            raise ValueError(f"progress takes finite numbers, not {done} of {total}")
        self.port.channel.send(messages.Progress(done=float(done), total=float(total), message=as_note(message)))

    def log(self, message: str) -> None:
        self.port.log(as_note(message))

    @property
    def canceled(self) -> bool:
        return self.port.is_stopped()

    @property
    def seconds_left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())


def as_note(message: str) -> str:
    """Cut a message for a person to the length of a note, and leave out characters that cannot be sent."""
    return storable(str(message)[:MAX_NOTE])


class JobModel(Model):
    """The shared model, reached through the worker."""

    def __init__(self, port: Port, start: messages.Start) -> None:
        self.port = port
        self.name = start.model
        self.context_length = start.context_length
        self.is_chat = start.is_chat

    def answer(self, call: Call) -> Iterator[str]:
        return AnswerPieces(self.port, call)

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        return int(self.ask_once(messages.Count, prompt=as_sent(prompt))[0])

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        return self.ask_once(messages.Score, prompt=as_sent(prompt), continuation=continuation)

    def report(self, message: str) -> None:
        self.port.log(as_note(message))

    def ask_once(self, question: type[messages.HostMessage], **content: Any) -> list[float]:
        number = self.port.ask(question, **content)
        try:
            values: list[float] = self.port.hear(number).values
        finally:
            self.port.forget(number)
        return values


def as_sent(prompt: str | Sequence[Message]) -> str | list[Message]:
    return prompt if isinstance(prompt, str) else [*prompt]
