"""Serves one job's child: handles its messages, as far as the run may do what they request."""

from collections.abc import Callable
from time import monotonic, sleep, thread_time
from typing import Any

from gptstore.sdk import Canceled, InputError, ToolError
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort, ToolCall
from worker.hosts.convert import as_prompt
from worker.hosts.errors import LimitExceeded, ToolCrashed
from worker.hosts.limit_sentence import Limit
from worker.hosts.sandbox.response_pump import ResponsePump

LOOK_SECONDS = 0.1
STOP_GRACE_SECONDS = 0.5
MAX_REQUESTS = 64
BURST_SECONDS, MESSAGE_SHARE = 0.003, 0.1
"""The processor time that a child's messages may take at once, and their share in the long run: the model's thread
shares the interpreter with this one.
"""


class Session:
    """A child's session, on the job's thread. `run` returns when the tool has succeeded, and raises any other end."""

    def __init__(self, call: ToolCall, port: JobPort, channel: Channel, memory: Limit) -> None:
        self.call = call
        self.port = port
        self.channel = channel
        self.memory = memory
        self.pumps: dict[int, ResponsePump] = {}
        self.refusals: dict[str, EngineError] = {}
        self.stop_sent_at: float | None = None
        self.last_number = 0
        self.rested_at = monotonic()
        self.spent_then = thread_time()

    def run(self) -> None:
        model = self.port.model
        self.channel.send(
            messages.Start(
                tool=self.call.tool,
                input=self.call.input,
                model=model.name,
                context_length=model.context_length,
                is_chat=model.is_chat,
            )
        )
        try:
            while not isinstance(message := self.next(), messages.Finished | messages.Failed):
                self.handle(message)
        finally:
            for pump in self.pumps.values():
                pump.close()
        if isinstance(message, messages.Failed):
            self.raise_failure(message)

    def next(self) -> Any:
        """Return the child's next message. Raises Canceled when the run was stopped and the child goes on."""
        self.throttle()
        while (message := self.channel.receive(LOOK_SECONDS)) is None:
            self.poll()
        return message

    def throttle(self) -> None:
        """Slow down a child that sends without end, so that the model keeps its share of the processor."""
        spent = thread_time() - self.spent_then
        if spent > BURST_SECONDS:
            sleep(min(LOOK_SECONDS, max(0.0, self.rested_at + spent / MESSAGE_SHARE - monotonic())))
            self.rested_at, self.spent_then = monotonic(), thread_time()
            self.poll()

    def poll(self) -> None:
        for pump in self.pumps.values():
            if pump.fault is not None:
                raise pump.fault
        if not self.port.stopped:
            return
        if self.stop_sent_at is None:
            self.stop_sent_at = monotonic()
            self.channel.send(messages.Stop())
        elif monotonic() >= self.stop_sent_at + STOP_GRACE_SECONDS:
            raise Canceled

    def handle(self, message: Any) -> None:
        match message:
            case messages.Output():
                self.port.output(message.text)
            case messages.Progress():
                self.port.progress(message.done, message.total, message.message)
            case messages.Log():
                self.port.log(message.message)
            case messages.Generate():
                self.begin(message)
            case messages.Count():
                self.reply(message, lambda: [self.port.count_tokens(as_prompt(message.prompt))])
            case messages.Score():
                self.reply(message, lambda: self.port.score(as_prompt(message.prompt), message.continuation))
            case messages.More() | messages.Pass() | messages.Close():
                self.pump_of(message).on_message(message)

    def begin(self, message: messages.Generate) -> None:
        self.take_number(message.request)
        self.pumps = {number: pump for number, pump in self.pumps.items() if pump.is_alive()}
        if len(self.pumps) >= MAX_REQUESTS:
            raise BadMessage(f"more than {MAX_REQUESTS} requests at the same time")
        pump = ResponsePump(message, self.port, self.channel, self.refuse)
        self.pumps[message.request] = pump
        pump.start()

    def reply(self, message: messages.Count | messages.Score, values: Callable[[], list[float]]) -> None:
        self.take_number(message.request)
        try:
            answer: messages.HostMessage = messages.Answer(request=message.request, values=[*map(float, values())])
        except EngineError as error:
            answer = self.refuse(message.request, error)
        self.channel.send(answer)

    def refuse(self, number: int, error: EngineError) -> messages.Refused:
        self.refusals[error.code] = error
        return messages.Refused(request=number, code=error.code, message=error.message)

    def take_number(self, number: int) -> None:
        if number <= self.last_number:
            raise BadMessage(f"request {number} after request {self.last_number}")
        self.last_number = number

    def pump_of(self, message: messages.More | messages.Pass | messages.Close) -> ResponsePump:
        if (pump := self.pumps.get(message.request)) is None:
            raise BadMessage(f"there is no request {message.request}")
        return pump

    def raise_failure(self, failed: messages.Failed) -> None:
        match failed.reason:
            case "tool":
                raise ToolError(failed.message)
            case "input":
                raise InputError([{"field": "", "message": failed.message, "code": "input"}])
            case "canceled":
                raise Canceled
            case "refused":
                error = BadMessage(f"the model never refused with {failed.code!r}")
                raise self.refusals.get(failed.code) or error
            case "memory":
                raise LimitExceeded(self.memory)
            case "crashed":
                raise ToolCrashed(failed.code, failed.message)
