"""One job while it runs: what its tool may ask for, what it has said, and how it is stopped."""

from collections.abc import Generator
from contextlib import closing
from itertools import count
from math import inf, isfinite
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings

from gptstore.jobs.events.events import LOG, PROGRESS, Event
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.models import Job
from gptstore.sdk import Canceled
from worker.engine.errors import EngineStopped
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, ModelInfo, Output, Prompt, Request
from worker.hooks.job_info import RunningJob
from worker.hooks.registry import OperatorHooks
from worker.hosts.limit_sentence import Limit
from worker.hosts.text import as_message, storable
from worker.jobs.limits import limits_of
from worker.jobs.output_queue import Inbox

GRACE_SECONDS = 0.9


class Run:
    """The `JobPort` of one job. What ends it may be called from any thread, the rest from the tool's."""

    def __init__(self, job: Job, engine: Engine, hooks: OperatorHooks | None = None) -> None:
        self.job = job
        self.engine = engine
        self.hooks = hooks or OperatorHooks()
        self.screen = self.hooks.output(self.facts)
        self.speaking = Lock()
        self.publisher = Publisher(job)
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.published_tokens = 0
        self.output_bytes = 0
        self.log_lines = 0
        self.limits = limits_of(job.tool, settings.ENV)
        self.deadline = monotonic() + self.limits.seconds.most
        self.patience_ends = inf
        self.exceeded: Limit | None = None
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
    def facts(self) -> RunningJob:
        return RunningJob(str(self.job.id), self.job.tool.slug, self.job.owner_id, self.job.attempt)

    @property
    def model(self) -> ModelInfo:
        return self.engine.info

    @property
    def input(self) -> dict[str, Any]:
        """What the tool gets. Raises Refused, HookFailed."""
        return self.hooks.input(self.facts, self.job.input)

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
            if self.over or self.exceeded or monotonic() < self.deadline:
                return
            self.exceeded = self.limits.seconds
        self.stop()

    def exceed(self, limit: Limit) -> None:
        """End the run because it took more than this, unless it ends for another reason already."""
        with self.lock:
            if self.over or self.exceeded or self._stopped:
                return
            self.exceeded = limit
        self.stop()

    @property
    def due_at(self) -> float:
        """When to look at it again, by the monotonic clock: at its deadline; once stopped, when patience ends."""
        if self.over or self.lost or (self.handed_back and not self.exceeded):
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
            used = self.prompt_tokens + self.completion_tokens
        if used > self.limits.model_tokens.most:
            self.exceed(self.limits.model_tokens)
        return output

    def count_tokens(self, prompt: Prompt) -> int:
        self.raise_if_stopped()
        return self.engine.count_tokens(prompt)

    def output(self, text: str) -> None:
        self.raise_if_stopped()
        text = self.fit(storable(text))
        if self.screen is None:
            self.put_out(text)
        else:
            self.put_out_screened(text)
        self.raise_if_stopped()

    def release(self) -> None:
        """The tool has ended: put out what is still held back. Raises Canceled, Refused, HookFailed."""
        if self.screen is not None:
            self.raise_if_stopped()
            self.put_out_screened("", ended=True)

    def put_out_screened(self, text: str, *, ended: bool = False) -> None:
        assert self.screen is not None
        with self.speaking:  # a tool may let several answers of the model out at a time
            if said := self.screen.feed(text, ended=ended):
                self.put_out(storable(said))

    def put_out(self, text: str) -> None:
        made = self.completion_tokens
        self.publisher.output(text, made - self.published_tokens)
        self.published_tokens = made

    def fit(self, text: str) -> str:
        """As much of the text as there is room for in the output. One that does not fit ends the run."""
        data = text.encode()
        with self.lock:
            room = self.limits.output.most - self.output_bytes
            self.output_bytes += len(data)
        if len(data) <= room:
            return text
        self.exceed(self.limits.output)
        return data[: max(0, room)].decode(errors="ignore")

    def message(self, said: object) -> str:
        """A message for a person beside the output, as the hooks left it. Raises Refused, HookFailed."""
        text = as_message(said)
        return text if self.screen is None else as_message(self.screen.whole(text))

    def progress(self, done: float, total: float, message: str) -> None:
        self.raise_if_stopped()
        if not (isfinite(done) and isfinite(total)):
            raise ValueError(f"progress takes finite numbers, not {done} of {total}")
        data = {"done": done, "total": total, "message": self.message(message)}
        self.publisher.publish(Event(PROGRESS, data))

    def log(self, message: str) -> None:
        self.log_lines += 1
        if self.log_lines > self.limits.log_lines.most:
            self.exceed(self.limits.log_lines)
        self.raise_if_stopped()
        self.publisher.publish(Event(LOG, {"message": self.message(message)}))

    def raise_if_stopped(self) -> None:
        if self._stopped:
            raise Canceled
        if self.screen is not None and self.screen.fault is not None:
            raise self.screen.fault  # a tool may have taken it for a fault that it can live with
