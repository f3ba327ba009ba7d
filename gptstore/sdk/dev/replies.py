"""Answers a tool's requests to the model, each on a thread of its own, so that its other messages go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from gptstore.sdk.answer import Thoughts
from gptstore.sdk.dev.recorder import RecordedAnswer, Recorder
from gptstore.sdk.errors import Canceled, ParameterError, ToolError
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import ModelRefused
from gptstore.sdk.host.message_parts import split_piece

Order = messages.More | messages.Pass | messages.Close

_LAST_SECONDS = 1.0


class Replies:
    """The open requests of one run. output: takes the text that the tool passes on without seeing it."""

    def __init__(self, recorder: Recorder, channel: Channel, output: Callable[[str], None]) -> None:
        self.recorder = recorder
        self.channel = channel
        self.output = output
        self._answers: dict[int, AnswerReply] = {}
        self._threads: list[Thread] = []

    def handle(self, message: Any) -> None:
        """Begin to answer a request, or take an order for the rest of an answer."""
        match message:
            case messages.Generate():
                self._answers[message.request] = reply = AnswerReply(self, message)
                self._start(message.request, reply.respond)
            case messages.Count():
                self._start(message.request, lambda: self._count(message))
            case messages.Score():
                self._start(message.request, lambda: self._score(message))
            case messages.More() | messages.Pass() | messages.Close():
                if (open_reply := self._answers.get(message.request)) is not None:
                    open_reply.take(message)

    def cancel(self) -> None:
        """Have the model stop with every answer."""
        for number, reply in [*self._answers.items()]:
            reply.take(messages.Close(request=number))

    def close(self) -> None:
        """End every answer, and wait a moment until that is so."""
        self.cancel()
        deadline = monotonic() + _LAST_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    def _count(self, message: messages.Count) -> messages.HostMessage:
        return messages.Answer(
            request=message.request, values=[float(self.recorder.model.count_tokens(message.prompt))]
        )

    def _score(self, message: messages.Score) -> messages.HostMessage:
        values = self.recorder.model.score(message.prompt, message.continuation)
        return messages.Answer(request=message.request, values=[float(value) for value in values])

    def _start(self, number: int, respond: Callable[[], messages.HostMessage]) -> None:
        thread = Thread(target=self._respond, args=(number, respond), name=f"reply {number}", daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def _respond(self, number: int, respond: Callable[[], messages.HostMessage]) -> None:
        try:
            self.channel.send(refuse_errors(number, respond))
        except OSError:
            return  # the tool's process is gone, which the run sees
        finally:
            self._answers.pop(number, None)


class AnswerReply:
    """One answer on its way to the tool, or past it into the output."""

    def __init__(self, replies: Replies, message: messages.Generate) -> None:
        self.replies = replies
        self.number = message.request
        self.answer: RecordedAnswer = replies.recorder.answer(message.call)
        self.orders: SimpleQueue[Order] = SimpleQueue()
        self.closed = False

    def take(self, order: Order) -> None:
        """Take the tool's order for the rest of the answer, from another thread."""
        if isinstance(order, messages.Close):
            self.closed = True
            self.answer.cancel()
        self.orders.put(order)

    def respond(self) -> messages.HostMessage:
        """Pass the answer on, and return the message that ends it."""
        with closing(self.answer):
            if (first := self._next()) is not None:
                self._send(first)
                deliver = self._output if isinstance(self.orders.get(), messages.Pass) else self._send
                while (piece := self._next()) is not None:
                    deliver(piece)
        return messages.Done(request=self.number)

    def _next(self) -> str | None:
        try:
            return None if self.closed else next(self.answer, None)
        except Exception:
            if self.closed:  # the end of the connection is what was asked for
                return None
            raise

    def _send(self, piece: str) -> None:
        is_thought = isinstance(piece, Thoughts)
        for text, logprobs in split_piece(piece):
            sent = messages.Text(request=self.number, text=text, is_thought=is_thought, logprobs=logprobs)
            self.replies.channel.send(sent)

    def _output(self, piece: str) -> None:
        if not isinstance(piece, Thoughts):
            self.replies.output(piece)


def refuse_errors(number: int, respond: Callable[[], messages.HostMessage]) -> messages.HostMessage:
    """Return the response, or the message that there is none, with the reason."""
    try:
        return respond()
    except OSError:
        raise
    except ModelRefused as error:
        return messages.Refused(request=number, code=error.code, message=error.message)
    except (ParameterError, ToolError) as error:
        return messages.Refused(request=number, code="bad_request", message=str(error))
    except Canceled:
        return messages.Done(request=number)
    except Exception as error:  # a script that has no more answers, or a fault of ours
        return messages.Refused(request=number, code="engine_error", message=str(error) or type(error).__name__)
