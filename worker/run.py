"""One job while it runs: what its tool may ask for, what it has said, and how it is stopped."""

from collections.abc import Generator
from contextlib import closing
from itertools import count
from math import inf, isfinite
from threading import Lock
from time import monotonic
from uuid import UUID

from django.conf import settings

from gptstore.jobs.events import LOG, PROGRESS, Event
from gptstore.jobs.models import Job
from gptstore.jobs.publisher import Publisher
from gptstore.sdk import Canceled
from worker.engine.errors import EngineStopped
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, ModelInfo, Output, Prompt, Request
from worker.inbox import Inbox
from worker.limit import Limit
from worker.text import as_message, storable

GRACE_SECONDS = 0.9
MOST_LOG_LINES = 1000


class Run:
    """The `JobPort` of one job. What ends it may be called from any thread, the rest from the tool's."""

    def __init__(self, job: Job, engine: Engine) -> None:
        self.job = job
        self.engine = engine
        self.publisher = Publisher(job)
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.published_tokens = 0
        self.log_lines = 0
        self.limit = Limit(job.tool.max_seconds, settings.ENV.job_max_seconds)
        self.deadline = monotonic() + self.limit.seconds
        self.patience_ends = inf
        self.timed_out = False
        self.over = False
        self.lost = False
        self.handed_back = False
        self.host_lost = False
        self.lock = Lock()
        self.numbers = count(1)
        self.requests: set[str] = set()
        self._stopped = False

    @property
    def key(self) -> tuple[UUID, int]:
        return self.job.id, self.job.attempt

    @property
    def model(self) -> ModelInfo:
        return self.engine.info

    @property
    def stopped(self) -> bool:
        return self._stopped

    def stop(self, *, lost: bool = False) -> None:
        """End the run at the model's next token. `lost`: the job is another run's now."""
        with self.lock:
            self._stopped = True
            self.lost = self.lost or lost
            self.patience_ends = min(self.patience_ends, monotonic() + GRACE_SECONDS)
            requests = list(self.requests)
        for request in requests:
            self.engine.cancel(request)

    def time_out(self) -> None:
        """End the run if its time is up, unless its tool has ended already."""
        with self.lock:
            if self.over or self.timed_out or monotonic() < self.deadline:
                return
            self.timed_out = True
        self.stop()

    @property
    def due_at(self) -> float:
        """When to look at it again, by the monotonic clock: at its deadline; once stopped, when patience ends."""
        if self.over or self.lost or (self.handed_back and not self.timed_out):
            return inf
        return self.patience_ends if self._stopped else self.deadline

    @property
    def is_stuck(self) -> bool:
        """Whether its tool has not heeded for a while that it is to stop."""
        return self._stopped and monotonic() >= self.due_at

    def end(self) -> None:
        """The tool has ended: from now on its time is not up."""
        with self.lock:
            self.over = True

    def hand_back(self, *, host_lost: bool = False) -> None:
        """End the run for another one to do: this one has no model any more, or its tool's process was lost."""
        self.handed_back = True
        self.host_lost = self.host_lost or host_lost
        self.stop()

    def generate(self, prompt: Prompt, params: SamplingParams) -> Generator[str, None, None]:
        with closing(self.ask(prompt, params)) as outputs:
            for output in outputs:
                if output.text:
                    yield output.text

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        outputs = self.ask(prompt, SamplingParams(), continuation)
        return [logprob for output in outputs for logprob in output.logprobs]

    def ask(
        self, prompt: Prompt, params: SamplingParams, continuation: str | None = None
    ) -> Generator[Output, None, None]:
        """All that the engine says to one request, until it ends or nobody listens any more."""
        inbox = Inbox()
        request = Request(
            f"{self.job.id}/{self.job.attempt}/{next(self.numbers)}",
            prompt,
            params,
            group=str(self.job.owner_id),
            continuation=continuation,
        )
        with self.lock:
            self.raise_if_stopped()
            self.requests.add(request.id)
        self.engine.submit(request, inbox.put)
        if self._stopped:  # in between, so that `stop` named a request that the engine did not know yet
            self.engine.cancel(request.id)
        finish: Finish | None = None
        try:
            while finish is None:
                output = self.take(inbox)
                finish = output.finish
                yield output
        finally:
            self.engine.cancel(request.id)
            while finish is None:
                finish = self.take(inbox).finish
            with self.lock:
                self.requests.discard(request.id)
        if isinstance(finish.error, EngineStopped):
            self.hand_back()  # and no `except Exception` of the tool's can take that for an answer
        self.raise_if_stopped()
        if finish.error is not None:
            raise finish.error

    def take(self, inbox: Inbox) -> Output:
        output = inbox.take()
        with self.lock:
            self.completion_tokens += output.tokens
            if output.finish is not None:
                self.prompt_tokens += output.finish.usage.prompt_tokens
        return output

    def count_tokens(self, prompt: Prompt) -> int:
        self.raise_if_stopped()
        return self.engine.count_tokens(prompt)

    def output(self, text: str) -> None:
        self.raise_if_stopped()
        made = self.completion_tokens
        self.publisher.output(storable(text), made - self.published_tokens)
        self.published_tokens = made

    def progress(self, done: float, total: float, message: str) -> None:
        self.raise_if_stopped()
        if not (isfinite(done) and isfinite(total)):
            raise ValueError(f"progress takes finite numbers, not {done} of {total}")
        data = {"done": done, "total": total, "message": as_message(message)}
        self.publisher.publish(Event(PROGRESS, data))

    def log(self, message: str) -> None:
        self.raise_if_stopped()
        self.log_lines += 1
        if self.log_lines > MOST_LOG_LINES + 1:
            return
        last = f"More than {MOST_LOG_LINES} lines: the rest is left out."
        line = as_message(message) if self.log_lines <= MOST_LOG_LINES else last
        self.publisher.publish(Event(LOG, {"message": line}))

    def raise_if_stopped(self) -> None:
        if self._stopped:
            raise Canceled
