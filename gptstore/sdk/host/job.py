"""One job in its child: the context that its tool gets, and how it ends."""

from __future__ import annotations

import mmap
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import count
from math import isfinite
from threading import Condition, Lock
from typing import Any

from gptstore.sdk.call import Call, Message
from gptstore.sdk.context import Context
from gptstore.sdk.errors import Canceled, InputError, ToolError
from gptstore.sdk.execute import run_tool
from gptstore.sdk.host import messages as said
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.model import Model
from gptstore.sdk.plugins import Loaded

MAX_PIECE = 250_000
"""In characters, of which each takes up to 12 bytes as JSON."""

RESERVE = 2_000_000
"""Bytes of memory for the last words. They are mapped and not used, so they take none."""

MAX_NOTE = 10_000
MAX_TRACEBACK = 20_000


class ModelRefused(Exception):
    """Raised by the model's methods when it could not answer; `code` says why. A retry may help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def run_job(channel: Channel, plugins: Loaded) -> None:
    """Run what `start` names to its end, and say how it ended, also when the tool has left no memory for that."""
    reserve = mmap.mmap(-1, RESERVE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:
        start = channel.receive()
        if not isinstance(start, said.Start):
            raise said.BadMessage("the first message must be `start`")
        ending = execute(start, channel, plugins)
    except (MemoryError, SystemError):  # the latter where there is no memory for the former
        reserve.close()
        ending = said.Failed(reason="memory")
    channel.send(ending)


def execute(start: said.Start, channel: Channel, plugins: Loaded) -> said.Finished | said.Failed:
    tool = plugins.find(start.tool)
    if tool is None:
        return said.Failed(reason="crashed", code="ToolMissing", message=f"The plugin has no tool {start.tool!r}.")
    port = Port(channel)
    try:
        with closing(run_tool(tool, start.input, JobContext(port, JobModel(port, start)))) as pieces:
            for piece in pieces:
                port.output(piece)
    except Canceled:
        return said.Failed(reason="canceled")
    except ToolError as error:
        return said.Failed(reason="tool", message=error.message[:MAX_NOTE])
    except InputError as error:
        return said.Failed(reason="input", message=str(error)[:MAX_NOTE])
    except ModelRefused as error:
        return said.Failed(reason="refused", code=error.code, message=error.message[:MAX_NOTE])
    except MemoryError:
        raise
    except BaseException as error:
        trace = traceback.format_exc()[-MAX_TRACEBACK:].encode("utf-8", "replace").decode()
        return said.Failed(reason="crashed", code=type(error).__name__[:200], message=trace)
    return said.Finished()


class Port:
    """The child's side of the channel: asks, and waits for the answer that belongs to the question.

    A tool may ask from several threads: one of those that wait reads, and hands the others what is theirs.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.numbers = count(1)
        self.asking = Lock()
        self.stopped = False
        self.waiting: dict[int, list[Any]] = {}
        self.turn = Condition()
        self.is_read = False

    def ask(self, question: type[said.Said], **content: Any) -> int:
        """Send a question; its number."""
        self.raise_if_stopped()
        with self.asking:  # numbers only grow, also on their way
            number = next(self.numbers)
            self.waiting[number] = []
            self.channel.send(question(request=number, **content))  # type: ignore[call-arg]
        return number

    def hear(self, number: int) -> Any:
        """The next answer to this question. Raises Canceled or ModelRefused."""
        answers = self.waiting[number]
        self.raise_if_stopped()
        while not answers:
            self.listen(answers)
            self.raise_if_stopped()
        answer = answers.pop(0)
        if isinstance(answer, said.Refused):
            raise ModelRefused(answer.code, answer.message)
        return answer

    def listen(self, answers: list[Any]) -> None:
        """Read the next message, or wait until the thread that reads has put something here or reads no more."""
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
        if isinstance(message, said.Stop):
            self.stopped = True
        elif (answers := self.waiting.get(message.request)) is not None:
            answers.append(message)

    def forget(self, number: int) -> None:
        del self.waiting[number]

    def is_stopped(self) -> bool:
        """Looks at what has come in, without waiting."""
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

    def output(self, text: str) -> None:
        self.raise_if_stopped()
        for start in range(0, len(text), MAX_PIECE):
            self.channel.send(said.Output(text=text[start : start + MAX_PIECE]))


class JobContext(Context):
    def __init__(self, port: Port, model: Model) -> None:
        self.port = port
        self.model = model

    def progress(self, done: float, total: float, message: str = "") -> None:
        self.port.raise_if_stopped()
        if not (isfinite(done) and isfinite(total)):
            raise ValueError(f"progress takes finite numbers, not {done} of {total}")
        self.port.channel.send(said.Progress(done=float(done), total=float(total), message=storable(message)))

    def log(self, message: str) -> None:
        self.port.raise_if_stopped()
        self.port.channel.send(said.Log(message=storable(message)))

    @property
    def canceled(self) -> bool:
        return self.port.is_stopped()


def storable(message: str) -> str:
    return str(message)[:MAX_NOTE].encode("utf-8", "replace").decode()


class JobModel(Model):
    def __init__(self, port: Port, start: said.Start) -> None:
        self.port = port
        self.name = start.model
        self.context_length = start.context_length
        self.is_chat = start.is_chat

    def answer(self, call: Call) -> Iterator[str]:
        return AnswerPieces(self.port, call)

    def count_tokens(self, prompt: str | Sequence[Message]) -> int:
        return int(self.ask_once(said.Count, prompt=as_sent(prompt))[0])

    def score(self, prompt: str | Sequence[Message], continuation: str) -> list[float]:
        return self.ask_once(said.Score, prompt=as_sent(prompt), continuation=continuation)

    def ask_once(self, question: type[said.Said], **content: Any) -> list[float]:
        number = self.port.ask(question, **content)
        try:
            values: list[float] = self.port.hear(number).values
        finally:
            self.port.forget(number)
        return values


def as_sent(prompt: str | Sequence[Message]) -> str | list[Message]:
    return prompt if isinstance(prompt, str) else [*prompt]


class AnswerPieces(Iterator[str]):
    """The pieces of one answer. The question is asked with the first of them."""

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
                self.number = self.port.ask(said.Generate, call=self.call)
            elif self.heard == 1:
                self.port.channel.send(said.More(request=self.number))
            answer = self.port.hear(self.number)
        except BaseException:
            self.end()
            raise
        if isinstance(answer, said.Done):
            self.end()
            raise StopIteration
        self.heard += 1
        text: str = answer.text
        return text

    def pass_on(self) -> None:
        """Let the worker put out the rest. Only right after the first piece, when no other is on its way."""
        if self.over or self.number is None or self.heard != 1:
            return
        self.port.channel.send(said.Pass(request=self.number))
        try:
            self.port.hear(self.number)
        finally:
            self.end()

    def close(self) -> None:
        if not self.over and self.number is not None and not self.port.stopped:
            with suppress(OSError):
                self.port.channel.send(said.Close(request=self.number))
        self.end()

    def end(self) -> None:
        self.over = True
        if self.number is not None and self.number in self.port.waiting:
            self.port.forget(self.number)

    __del__ = close
