"""Pumps one response of the model to a child, or past it into the output."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from queue import SimpleQueue
from threading import Thread

from gptstore.sdk import Canceled
from gptstore.sdk.answer import Thoughts
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort
from worker.hosts.convert import as_params, as_prompt


class ResponsePump(Thread):
    """The thread of one request, so that the child can do other things while the model answers."""

    def __init__(
        self,
        message: messages.Generate,
        port: JobPort,
        channel: Channel,
        refuse: Callable[[int, EngineError], messages.Refused],
    ) -> None:
        super().__init__(name=f"response {message.request}", daemon=True)
        self.number = message.request
        self.call = message.call
        self.port = port
        self.channel = channel
        self.refuse = refuse
        self.orders: SimpleQueue[messages.More | messages.Pass | messages.Close] = SimpleQueue()
        self.closed = False
        self.is_ordered = False
        self.fault: Exception | None = None

    def on_message(self, order: messages.More | messages.Pass | messages.Close) -> None:
        """Note where the child wants the rest. Raises BadMessage for a second order."""
        if isinstance(order, messages.Close):
            self.closed = True
        elif self.is_ordered:
            raise BadMessage(f"a second order for the rest of request {self.number}")
        else:
            self.is_ordered = True
        self.orders.put(order)

    def close(self) -> None:
        self.on_message(messages.Close(request=self.number))

    def run(self) -> None:
        try:
            self.channel.send(self.pump())
        except (Canceled, OSError):
            pass  # the job's own thread sees why
        except Exception as error:
            self.fault = error

    def pump(self) -> messages.HostMessage:
        """Pass the response on. Return the message that ends it."""
        try:
            with closing(self.port.generate(as_prompt(self.call.prompt), as_params(self.call))) as texts:
                for text in islice(texts, 1):
                    self.send(text)
                    self.pump_rest(texts)
        except EngineError as error:
            return self.refuse(self.number, error)
        return messages.Done(request=self.number)

    def pump_rest(self, texts: Iterator[str]) -> None:
        order = self.orders.get()
        deliver = self.port.output if isinstance(order, messages.Pass) else self.send
        while not self.closed and (text := next(texts, None)) is not None:
            if deliver == self.send or not isinstance(text, Thoughts):
                deliver(text)

    def send(self, text: str) -> None:
        self.channel.send(messages.Text(request=self.number, text=text, is_thought=isinstance(text, Thoughts)))
