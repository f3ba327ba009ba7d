"""Replies to a child's requests to the model, each on a thread of its own, so that the child's other messages go on."""

from abc import abstractmethod
from collections.abc import Callable
from threading import Thread

from gptstore.sdk import Canceled
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort
from worker.hosts.convert import as_prompt

Refuse = Callable[[int, EngineError], messages.Refused]
Order = messages.More | messages.Pass | messages.Close


class Reply(Thread):
    """The thread of one request. fault: what is wrong with the worker's side of it; the session raises it."""

    def __init__(self, number: int, port: JobPort, channel: Channel, refuse: Refuse) -> None:
        super().__init__(name=f"response {number}", daemon=True)
        self.number = number
        self.port = port
        self.channel = channel
        self.refuse = refuse
        self.fault: Exception | None = None

    @abstractmethod
    def respond(self) -> messages.HostMessage:
        """Do what was requested and return the last message of it. Raises EngineError."""

    @abstractmethod
    def on_message(self, order: Order) -> None:
        """Take the child's order for the rest of the response. Raises BadMessage."""

    @abstractmethod
    def close(self) -> None:
        """End it, as the run does."""

    def run(self) -> None:
        try:
            self.channel.send(self.last_message())
        except (Canceled, OSError):
            pass  # the job's own thread sees why
        except Exception as error:
            self.fault = error

    def last_message(self) -> messages.HostMessage:
        try:
            return self.respond()
        except EngineError as error:
            return self.refuse(self.number, error)


class ScoreReply(Reply):
    """The reply to one `score`."""

    def __init__(self, message: messages.Score, port: JobPort, channel: Channel, refuse: Refuse) -> None:
        super().__init__(message.request, port, channel, refuse)
        self.message = message

    def respond(self) -> messages.HostMessage:
        values = self.port.score(as_prompt(self.message.prompt), self.message.continuation)
        return messages.Answer(request=self.number, values=[*map(float, values)])

    def on_message(self, order: Order) -> None:
        raise BadMessage(f"request {self.number} has no rest")

    def close(self) -> None:
        """Do nothing: it has one value, and ends with the run's requests."""
