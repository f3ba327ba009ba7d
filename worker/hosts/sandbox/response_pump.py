"""Pumps one response of the model to a child, or past it into the output."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from queue import SimpleQueue

from gptstore.sdk.answer import Thoughts
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.message_parts import split_piece
from worker.hosts.base import JobPort, ModelAnswer
from worker.hosts.convert import as_params, as_prompt
from worker.hosts.sandbox.reply import Order, Refuse, Reply


class ResponsePump(Reply):
    """The reply to one `generate`."""

    def __init__(self, message: messages.Generate, port: JobPort, channel: Channel, refuse: Refuse) -> None:
        super().__init__(message.request, port, channel, refuse)
        self.call = message.call
        self.orders: SimpleQueue[Order] = SimpleQueue()
        self.closed = False
        self.is_ordered = False
        self.answer: ModelAnswer | None = None

    def on_message(self, order: Order) -> None:
        """Note where the child wants the rest. Raises BadMessage for a second order."""
        if isinstance(order, messages.Close):
            self.closed = True
        elif self.is_ordered:
            raise BadMessage(f"a second order for the rest of request {self.number}")
        else:
            self.is_ordered = True
        self.orders.put(order)
        if self.closed and self.answer is not None:
            self.answer.cancel()

    def close(self) -> None:
        self.on_message(messages.Close(request=self.number))

    def respond(self) -> messages.HostMessage:
        """Pass the response on. Return the message that ends it."""
        with closing(self.port.generate(as_prompt(self.call.prompt), as_params(self.call))) as texts:
            self.answer = texts
            for text in islice(texts, 0 if self.closed else 1):
                self.send(text)
                self.pump_rest(texts)
        return messages.Done(request=self.number)

    def pump_rest(self, texts: Iterator[str]) -> None:
        order = self.orders.get()
        deliver = self.port.output if isinstance(order, messages.Pass) else self.send
        while not self.closed and (text := next(texts, None)) is not None:
            if deliver == self.send or not isinstance(text, Thoughts):
                deliver(text)

    def send(self, text: str) -> None:
        is_thought = isinstance(text, Thoughts)
        for part, logprobs in split_piece(text):
            self.channel.send(messages.Text(request=self.number, text=part, is_thought=is_thought, logprobs=logprobs))
