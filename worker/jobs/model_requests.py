"""The requests of one run to the shared model, and the tokens that they take."""

from collections.abc import Callable
from contextlib import closing
from itertools import count
from threading import Lock

from gptstore.jobs.lifecycle.outcome import Usage
from gptstore.jobs.models import Job
from worker.engine.errors import EngineError, EngineStopped, PromptTooLong
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Prompt, Request, Sink
from worker.hosts.limit import Limit
from worker.jobs.open_request import AnswerText, OpenRequest
from worker.jobs.run_end import EndReason, RunEnd

COUNTED_PER_TOKEN = 32
"""Tokens that a tool may count for each that the model reads: tokenizing a text costs a fraction of reading it."""


class ModelRequests:
    """Requests to the engine in the name of one run; a tool may make them from several threads.

    check: called before and after a request; raises what ends it. end: takes the reason when the engine died or a limit
    was exceeded.
    """

    def __init__(self, job: Job, engine: Engine, limit: Limit, end: RunEnd, check: Callable[[], None]) -> None:
        self.name = f"{job.id}/{job.attempt}"
        self.owner = str(job.owner_id)
        self.engine = engine
        self.limit = limit
        self.end = end
        self.check = check
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.counted_tokens = 0
        self.finish_reason = ""
        self.lock = Lock()
        self.numbers = count(1)
        self.open: set[str] = set()

    @property
    def usage(self) -> Usage:
        return Usage(self.prompt_tokens, self.completion_tokens, self.finish_reason)

    def generate(self, prompt: Prompt, params: SamplingParams) -> AnswerText:
        """Return the text of an answer, and before it the thoughts that `params` ask for, as `Thoughts`."""
        return AnswerText(self.request(prompt, params))

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        with closing(self.request(prompt, SamplingParams(), continuation)) as outputs:
            return [score for output in outputs for score in output.scores]

    def count_tokens(self, prompt: Prompt) -> int:
        self.check()
        count = self.engine.count_tokens(prompt, group=self.owner)
        self.charge(counted=count)
        self.check()
        return count

    def request(self, prompt: Prompt, params: SamplingParams, continuation: str | None = None) -> OpenRequest:
        """Return the outputs of one request, which is sent when they are read, or started."""
        name = f"{self.name}/{next(self.numbers)}"
        return OpenRequest(self, Request(name, prompt, params, group=self.owner, continuation=continuation))

    def submit(self, request: Request, sink: Sink) -> None:
        """Send a request to the engine. Raises what ends the run."""
        with self.lock:
            self.check()
            self.open.add(request.id)
        self.engine.submit(request, sink)
        if self.end.is_stop:  # in between, so that `cancel_all` named a request that the engine did not know yet
            self.engine.cancel(request.id)

    def forget(self, request: Request) -> None:
        """Note that a request is over."""
        with self.lock:
            self.open.discard(request.id)

    def raise_problem(self, error: EngineError | None) -> None:
        """Raise what ends the run, or else the error with which a request ended."""
        if isinstance(error, EngineStopped):
            self.end.set(EndReason.ENGINE_DIED)  # and no `except Exception` of the tool's can take that for an answer
        self.check()
        if error is not None:
            raise error

    def charge_output(self, output: Output) -> None:
        """Add the tokens of one output to those of the run."""
        finish = output.finish
        if finish and finish.reason in ("stop", "length"):
            self.finish_reason = finish.reason
        refused = finish.error.prompt_tokens if finish and isinstance(finish.error, PromptTooLong) else 0
        self.charge(finish.usage.prompt_tokens if finish else 0, output.tokens, refused)

    def charge(self, prompt: int = 0, completion: int = 0, counted: int = 0) -> None:
        """Add tokens to those of the run, which ends when they are more than it may use.

        counted: tokens that the model did not read, of texts that were counted, or were too long for it.
        """
        with self.lock:
            self.prompt_tokens += prompt
            self.completion_tokens += completion
            self.counted_tokens += counted
            used = self.prompt_tokens + self.completion_tokens + self.counted_tokens // COUNTED_PER_TOKEN
        if used > self.limit.most:
            self.end.set(EndReason.LIMIT, self.limit)
            self.cancel_all()

    def cancel_all(self) -> None:
        """End every open request at the model's next token."""
        with self.lock:
            requests = list(self.open)
        for request in requests:
            self.engine.cancel(request)
