"""The pieces of one answer of the model, as a tool iterates over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from gptstore.sdk.answer import Thoughts
from gptstore.sdk.call import Call
from gptstore.sdk.host import messages
from gptstore.sdk.host.port import Port


class AnswerPieces(Iterator[str]):
    """The pieces of one answer. The request is sent when the first is asked for."""

    def __init__(self, port: Port, call: Call) -> None:
        self.port = port
        self.call = call
        self.number: int | None = None
        self.heard = 0
        self.over = False

    def __next__(self) -> str:
        if self.over:
            raise StopIteration
        try:
            if self.number is None:
                self.number = self.port.ask(messages.Generate, call=self.call)
            elif self.heard == 1:
                self.port.channel.send(messages.More(request=self.number))
            answer = self.port.hear(self.number)
        except BaseException:
            self.end()
            raise
        if isinstance(answer, messages.Done):
            self.end()
            raise StopIteration
        self.heard += 1
        return Thoughts(answer.text) if answer.is_thought else str(answer.text)

    def pass_on(self) -> None:
        """Let the worker output the rest. Only right after the first piece, when no other is on its way."""
        if self.over or self.number is None or self.heard != 1:
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
