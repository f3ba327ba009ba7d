"""Serves one job's child: handles its messages, as far as the run may do what they request."""

from time import monotonic
from typing import Any

from gptstore.sdk import Canceled, InputError, ParameterError, ToolError
from gptstore.sdk.answer import with_logprobs
from gptstore.sdk.host import messages
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.port import MAX_OPEN
from gptstore.sdk.logprobs import from_stored
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort, ToolCall
from worker.hosts.convert import as_prompt
from worker.hosts.errors import HostLost, LimitExceeded, ToolCrashed
from worker.hosts.limit import Limit
from worker.hosts.sandbox.job_channel import JobChannel
from worker.hosts.sandbox.reply import Order, Reply, ScoreReply
from worker.hosts.sandbox.response_pump import ResponsePump
from worker.hosts.sandbox.throttle import Throttle

LOOK_SECONDS = 0.1
STOP_GRACE_SECONDS = 0.5
MEASURE_SECONDS = 0.02
HELLO_SECONDS = 10.0
"""The time that a child has until it says hello. A child that does not is ended with its host."""

MAX_REQUESTS = 2 * MAX_OPEN
"""Requests of a child at a time, with those that it has closed and that have not yet ended."""


class Session:
    """A child's session, on the job's thread. `run` returns when the tool has succeeded, and raises any other end."""

    def __init__(self, call: ToolCall, port: JobPort, channel: JobChannel, memory: Limit, disk: Limit) -> None:
        self.call = call
        self.port = port
        self.channel = channel
        self.memory = memory
        self.disk = disk
        self.replies: dict[int, Reply] = {}
        self.refusals: dict[str, EngineError] = {}
        self.stop_sent_at: float | None = None
        self.last_number = 0
        self.begun_at = monotonic()
        channel.give_up = self.give_up
        self.throttle = Throttle()
        self.measured_at = 0.0

    def run(self) -> None:
        model = self.port.model
        self.channel.send(
            messages.Start(
                tool=self.call.tool,
                input=self.call.input,
                model=model.name,
                context_length=model.context_length,
                is_chat=model.is_chat,
                seconds_left=self.port.seconds_left,
                settings=self.call.settings,
                counts_denials=self.call.counts_denials,
            )
        )
        try:
            while not isinstance(message := self.next(), messages.Finished | messages.Failed):
                self.handle(message)
        finally:
            for reply in self.replies.values():
                reply.close()
        if message.denied is not None:
            self.port.note_denials({str(kind): number for kind, number in message.denied.items()})
        if isinstance(message, messages.Failed):
            self.raise_failure(message)

    def next(self) -> Any:
        """Return the child's next message. Raises Canceled when the run was stopped and the child goes on."""
        self.rest()
        while (message := self.channel.receive(LOOK_SECONDS)) is None:
            self.measure()
            self.poll()
            self.rest()
        self.measure()
        return message

    def measure(self) -> None:
        """Measure the child's memory, no more often than it costs little."""
        if monotonic() >= self.measured_at + MEASURE_SECONDS:
            self.channel.child.measure()
            self.measured_at = monotonic()

    def rest(self) -> None:
        """Slow down a child that sends without end, so that the model keeps its share of the processor."""
        if self.throttle.rest():
            self.poll()

    def poll(self) -> None:
        for reply in self.replies.values():
            if reply.fault is not None:
                raise reply.fault
        if not self.channel.child.is_known:
            self.wait_for_hello()
        elif self.port.stopped:
            self.stop()

    def wait_for_hello(self) -> None:
        """Raise HostLost when the child has not said hello in time: only by that is known which process it is."""
        if monotonic() > self.begun_at + HELLO_SECONDS:
            raise HostLost

    def give_up(self) -> None:
        """Raise HostLost or Canceled when there is no reason to wait until the child reads what it was sent."""
        if not self.channel.child.is_known:
            self.wait_for_hello()
        if self.port.stopped:
            raise Canceled

    def stop(self) -> None:
        """Ask the child to stop. Raises Canceled when it has been asked for long enough."""
        if self.stop_sent_at is None:
            self.stop_sent_at = monotonic()
            self.channel.send(messages.Stop())
        elif monotonic() >= self.stop_sent_at + STOP_GRACE_SECONDS:
            raise Canceled

    def handle(self, message: Any) -> None:
        match message:
            case messages.Hello():
                pass  # the channel knows by it which process the child is
            case messages.Output():
                self.port.output(with_logprobs(message.text, from_stored(message.logprobs or ())))
            case messages.Progress():
                self.port.progress(message.done, message.total, message.message)
            case messages.Log():
                self.port.log(message.message)
            case messages.Generate():
                self.begin(ResponsePump(message, self.port, self.channel, self.refuse))
            case messages.Score():
                self.begin(ScoreReply(message, self.port, self.channel, self.refuse))
            case messages.Count():
                self.count(message)
            case messages.More() | messages.Pass() | messages.Close():
                self.pass_to_reply(message)

    def begin(self, reply: Reply) -> None:
        self.take_number(reply.number)
        self.replies = {number: one for number, one in self.replies.items() if one.is_alive() or one.fault is not None}
        if len(self.replies) >= MAX_REQUESTS:
            raise BadMessage(f"more than {MAX_REQUESTS} requests at the same time")
        self.replies[reply.number] = reply
        reply.start()

    def count(self, message: messages.Count) -> None:
        self.take_number(message.request)
        try:
            tokens = float(self.port.count_tokens(as_prompt(message.prompt)))
            answer: messages.HostMessage = messages.Answer(request=message.request, values=[tokens])
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

    def pass_to_reply(self, order: Order) -> None:
        """Pass an order on to its reply, which needs none any more once it has sent its last message."""
        if (reply := self.replies.get(order.request)) is not None:
            reply.on_message(order)
        elif order.request > self.last_number:
            raise BadMessage(f"there is no request {order.request}")

    def raise_failure(self, failed: messages.Failed) -> None:
        match failed.reason:
            case "tool":
                raise ToolError(failed.message)
            case "input":
                raise InputError([{"field": "", "message": failed.message, "code": "input"}])
            case "parameters":
                raise ParameterError(failed.message)
            case "canceled":
                raise Canceled
            case "refused":
                error = BadMessage(f"the model never refused with {failed.code!r}")
                raise self.refusals.get(failed.code) or error
            case "memory":
                raise LimitExceeded(self.memory)
            case "disk":
                raise LimitExceeded(self.disk)
            case "crashed":
                raise ToolCrashed(failed.code, failed.message)
