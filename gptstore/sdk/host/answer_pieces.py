"""The pieces of one answer of the model, as a tool iterates over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from gptstore.sdk.answer import Thoughts, with_logprobs
from gptstore.sdk.call import Call
from gptstore.sdk.host import messages
from gptstore.sdk.host.port import Port
from gptstore.sdk.logprobs import from_stored


class AnswerPieces(Iterator[str]):
    """The pieces of one answer. The request is sent by `start`, or when the first is asked for.

    is_ordered: the worker was told where the rest goes after the first piece.
    """

    def __init__(self, port: Port, call: Call) -> None:
        self.port = port
        self.call = call
        self.number: int | None = None
        self.heard = 0
        self.over = False
        self.is_ordered = False

    def __next__(self) -> str:
        if self.over:
            raise StopIteration
        try:
            if self.number is None:
                self.number = self.port.ask(messages.Generate, call=self.call)
            elif self.heard == 1 and not self.is_ordered:
                self.order_rest(self.number)
            answer = self.port.hear(self.number)
        except BaseException:
            self.end()
            raise
        if isinstance(answer, messages.Done):
            self.end()
            raise StopIteration
        self.heard += 1
        if answer.is_thought:
            return Thoughts(answer.text)
        return with_logprobs(str(answer.text), from_stored(answer.logprobs or ()))

    def start(self) -> None:
        """Send the request, and order the whole answer. What comes is kept until it is asked for."""
        if self.number is None and not self.over:
            self.number = self.port.ask(messages.Generate, call=self.call)
            self.order_rest(self.number)

    def order_rest(self, number: int) -> None:
        self.is_ordered = True
        self.port.channel.send(messages.More(request=number))

    def forward(self) -> None:
        """Let the worker output the rest. Only right after the first piece, when no other is on its way."""
        if self.over or self.number is None or self.heard != 1 or self.is_ordered:
            return
        self.port.channel.send(messages.Pass(request=self.number))
        try:
            self.port.hear(self.number)
        finally:
            self.end()

    def close(self) -> None:
        if not self.over and self.number is not None and not self.port.stopped:
            with suppress(OSError):
                self.port.channel.send(messages.Close(request=self.number))
        self.end()

    def end(self) -> None:
        self.over = True
        if self.number is not None and self.number in self.port.waiting:
            self.port.forget(self.number)

    __del__ = close
