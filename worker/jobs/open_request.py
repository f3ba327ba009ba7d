"""One request of a run at the engine, from its start until it ends or is closed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gptstore.sdk.answer import Thoughts, with_logprobs
from worker.engine.protocol import Finish, Output, Request
from worker.jobs.output_queue import OutputQueue

if TYPE_CHECKING:
    from worker.jobs.model_requests import ModelRequests


class OpenRequest(Iterator[Output]):
    """All outputs of one request. One thread reads and closes it; any may cancel it.

    Reading raises EngineError, and what ends the run.
    """

    def __init__(self, requests: "ModelRequests", request: Request) -> None:
        self.requests = requests
        self.request = request
        self.queue: OutputQueue | None = None
        self.finish: Finish | None = None
        self.is_canceled = False
        self.is_over = False

    def start(self) -> None:
        """Send the request to the engine, once."""
        if self.queue is None and not self.is_over:
            queue = OutputQueue()
            self.requests.submit(self.request, queue.put)
            self.queue = queue
            if self.is_canceled:  # before the engine knew the request
                self.cancel()

    def __next__(self) -> Output:
        if self.is_over:
            raise StopIteration
        self.start()
        if self.finish is None:
            return self.take()
        self.close()
        self.requests.raise_problem(self.finish.error)
        raise StopIteration

    def take(self) -> Output:
        assert self.queue is not None
        output = self.queue.take()
        self.finish = output.finish
        self.requests.charge_output(output)
        return output

    def cancel(self) -> None:
        """End the request at the model's next token."""
        self.is_canceled = True
        self.requests.engine.cancel(self.request.id)

    def close(self) -> None:
        """End the request and wait for its last output, so that all of its tokens are counted."""
        if self.is_over:
            return
        self.is_over = True
        if self.queue is not None:
            if self.finish is None:
                self.cancel()
            while self.finish is None:
                self.take()
            self.requests.forget(self.request)

    __del__ = close


class AnswerText(Iterator[str]):
    """The text of one answer, piece by piece; before it the thoughts, as `Thoughts`."""

    def __init__(self, outputs: OpenRequest) -> None:
        self.outputs = outputs
        self.start = outputs.start
        self.cancel = outputs.cancel
        self.close = outputs.close
        self.unread: list[str] = []

    def __next__(self) -> str:
        while not self.unread:
            output = next(self.outputs)
            text = with_logprobs(output.text, output.logprobs)
            self.unread = [piece for piece in (text, Thoughts(output.thoughts)) if piece]
        return self.unread.pop()
