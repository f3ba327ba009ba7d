"""The child's side of the channel to its worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Condition, Lock
from typing import Any

from gptstore.sdk.errors import Canceled, ParameterError
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import ModelRefused
from gptstore.sdk.host.message_parts import split_piece

MAX_OPEN = 64
"""Requests at a time. The worker ends a run that has twice as many: a closed one takes a moment to end there."""


class Port:
    """The child's side of the channel: sends requests, and waits for the response to each.

    A tool may ask from several threads: one of the waiting threads reads, and hands the others their messages.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.numbers = count(1)
        self.asking = Lock()
        self.stopped = False
        self.waiting: dict[int, list[Any]] = {}
        self.turn = Condition()
        self.is_read = False

    def ask(self, question: type[messages.HostMessage], **content: Any) -> int:
        """Send a request and return its number. Raises ParameterError when too many are open."""
        self.raise_if_stopped()
        with self.asking:  # numbers only grow, also on their way
            if len(self.waiting) >= MAX_OPEN:
                raise ParameterError(
                    f"A run may have {MAX_OPEN} requests to the model open at a time: read or close answers first."
                )
            number = next(self.numbers)
            self.waiting[number] = []
            self.channel.send(question(request=number, **content))  # type: ignore[call-arg]
        return number

    def hear(self, number: int) -> Any:
        """Wait for the next response to this request and return it. Raises Canceled or ModelRefused."""
        answers = self.waiting[number]
        self.raise_if_stopped()
        while not answers:
            self.listen(answers)
            self.raise_if_stopped()
        answer = answers.pop(0)
        if isinstance(answer, messages.Refused):
            raise ModelRefused(answer.code, answer.message)
        return answer

    def listen(self, answers: list[Any]) -> None:
        """Read the next message, or wait until the thread that reads has delivered an answer or has stopped reading."""
        with self.turn:
            self.turn.wait_for(lambda: answers or self.stopped or not self.is_read)
            if answers or self.stopped:
                return
            self.is_read = True
        with self.turn_ends():
            self.sort(self.channel.receive())

    @contextmanager
    def turn_ends(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self.turn:
                self.is_read = False
                self.turn.notify_all()

    def sort(self, message: Any) -> None:
        if isinstance(message, messages.Stop):
            self.stopped = True
        elif (answers := self.waiting.get(message.request)) is not None:
            answers.append(message)

    def forget(self, number: int) -> None:
        del self.waiting[number]

    def is_stopped(self) -> bool:
        """Read received messages without waiting; return whether one was `stop`."""
        with self.turn:
            if self.stopped or self.is_read:
                return self.stopped
            self.is_read = True
        with self.turn_ends():
            while not self.stopped and (message := self.channel.receive(0)) is not None:
                self.sort(message)
        return self.stopped

    def raise_if_stopped(self) -> None:
        if self.stopped:
            raise Canceled

    def log(self, message: str) -> None:
        self.raise_if_stopped()
        self.channel.send(messages.Log(message=message))

    def output(self, text: str) -> None:
        self.raise_if_stopped()
        for part, logprobs in split_piece(text):
            self.channel.send(messages.Output(text=part, logprobs=logprobs))
