"""One job's conversation with its child: does what the child asks for, as far as it may."""

from collections.abc import Callable
from time import monotonic, sleep, thread_time
from typing import Any

from gptstore.sdk import Canceled, InputError, ToolError
from gptstore.sdk.host import messages as said
from gptstore.sdk.host.channel import Channel
from worker.engine.errors import EngineError
from worker.hosts.base import JobPort, LimitExceeded, ToolCall, ToolCrashed
from worker.hosts.convert import as_prompt
from worker.hosts.limit_sentence import Limit
from worker.hosts.sandbox.response_pump import AnswerPump

LOOK_SECONDS = 0.1
HEED_SECONDS = 0.5
MAX_REQUESTS = 64
TALK_SECONDS, TALK_SHARE = 0.003, 0.1
"""A child may have so much of the processor at once, and so large a share, for what it says: the model's thread shares
the interpreter with this one."""


class Session:
    """Used by the job's thread. `run` returns when the tool has ended as it should, and raises how else it ended."""

    def __init__(self, call: ToolCall, port: JobPort, channel: Channel, memory: Limit) -> None:
        self.call = call
        self.port = port
        self.channel = channel
        self.memory = memory
        self.answers: dict[int, AnswerPump] = {}
        self.refusals: dict[str, EngineError] = {}
        self.told_to_stop_at: float | None = None
        self.last_number = 0
        self.rested_at = monotonic()
        self.spent_then = thread_time()

    def run(self) -> None:
        model = self.port.model
        self.channel.send(
            said.Start(
                tool=self.call.tool,
                input=self.call.input,
                model=model.name,
                context_length=model.context_length,
                is_chat=model.is_chat,
            )
        )
        try:
            while not isinstance(message := self.next(), said.Finished | said.Failed):
                self.obey(message)
        finally:
            for answer in self.answers.values():
                answer.close()
        if isinstance(message, said.Failed):
            self.raise_failure(message)

    def next(self) -> Any:
        """The child's next message. Raises Canceled when the run was stopped and the child does not heed it."""
        self.rest()
        while (message := self.channel.receive(LOOK_SECONDS)) is None:
            self.look()
        return message

    def rest(self) -> None:
        """Let a child wait that talks without end, and look whether it may go on."""
        spent = thread_time() - self.spent_then
        if spent > TALK_SECONDS:
            sleep(min(LOOK_SECONDS, max(0.0, self.rested_at + spent / TALK_SHARE - monotonic())))
            self.rested_at, self.spent_then = monotonic(), thread_time()
            self.look()

    def look(self) -> None:
        for answer in self.answers.values():
            if answer.fault is not None:
                raise answer.fault
        if not self.port.stopped:
            return
        if self.told_to_stop_at is None:
            self.told_to_stop_at = monotonic()
            self.channel.send(said.Stop())
        elif monotonic() >= self.told_to_stop_at + HEED_SECONDS:
            raise Canceled

    def obey(self, message: Any) -> None:
        match message:
            case said.Output():
                self.port.output(message.text)
            case said.Progress():
                self.port.progress(message.done, message.total, message.message)
            case said.Log():
                self.port.log(message.message)
            case said.Generate():
                self.begin(message)
            case said.Count():
                self.reply(message, lambda: [self.port.count_tokens(as_prompt(message.prompt))])
            case said.Score():
                self.reply(message, lambda: self.port.score(as_prompt(message.prompt), message.continuation))
            case said.More() | said.Pass() | said.Close():
                self.answer_to(message).hear(message)

    def begin(self, message: said.Generate) -> None:
        self.take_number(message.request)
        self.answers = {number: answer for number, answer in self.answers.items() if answer.is_alive()}
        if len(self.answers) >= MAX_REQUESTS:
            raise said.BadMessage(f"more than {MAX_REQUESTS} requests at the same time")
        answer = AnswerPump(message, self.port, self.channel, self.refuse)
        self.answers[message.request] = answer
        answer.start()

    def reply(self, message: said.Count | said.Score, values: Callable[[], list[float]]) -> None:
        self.take_number(message.request)
        try:
            answer: said.Said = said.Answer(request=message.request, values=[*map(float, values())])
        except EngineError as error:
            answer = self.refuse(message.request, error)
        self.channel.send(answer)

    def refuse(self, number: int, error: EngineError) -> said.Refused:
        self.refusals[error.code] = error
        return said.Refused(request=number, code=error.code, message=error.message)

    def take_number(self, number: int) -> None:
        if number <= self.last_number:
            raise said.BadMessage(f"request {number} after request {self.last_number}")
        self.last_number = number

    def answer_to(self, message: said.More | said.Pass | said.Close) -> AnswerPump:
        if (answer := self.answers.get(message.request)) is None:
            raise said.BadMessage(f"there is no request {message.request}")
        return answer

    def raise_failure(self, failed: said.Failed) -> None:
        match failed.reason:
            case "tool":
                raise ToolError(failed.message)
            case "input":
                raise InputError([{"field": "", "message": failed.message}])
            case "canceled":
                raise Canceled
            case "refused":
                raise self.refusals.get(failed.code) or said.BadMessage(f"the model never refused with {failed.code!r}")
            case "memory":
                raise LimitExceeded(self.memory)
            case "crashed":
                raise ToolCrashed(failed.code, failed.message)
