"""One job while it runs: the port between its tool and the model and readers."""

from collections.abc import Mapping, Sequence
from math import isfinite
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings

from gptstore.catalog.files import split_files
from gptstore.jobs.events.events import LOG, PROGRESS, Event
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.logprobs import encode_logprobs
from gptstore.jobs.models import Job
from gptstore.sdk.answer import logprobs_of
from gptstore.sdk.limits import LOG_LINES, MODEL_TOKENS, OUTPUT, SECONDS
from gptstore.sdk.logprobs import StoredLogprob, to_stored
from gptstore.sdk.text import storable
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, ModelInfo, Prompt
from worker.hooks.errors import Refused
from worker.hooks.job_info import RunningJob
from worker.hooks.registry import OperatorHooks
from worker.hosts.base import ModelAnswer
from worker.hosts.convert import as_message
from worker.hosts.limit import Limit
from worker.jobs.limits import limits_of
from worker.jobs.model_requests import ModelRequests
from worker.jobs.run_end import EndReason, RunEnd

FILTERED = (
    "A filter of this site reads all output, and can't read the tokens that come with log-probabilities. "
    "Run it again without them."
)


class Run:
    """The `JobPort` of one job. Any thread may call its methods: a tool may let several answers out at a time."""

    def __init__(
        self, job: Job, engine: Engine, hooks: OperatorHooks | None = None, publisher: Publisher | None = None
    ) -> None:
        self.job = job
        self.engine = engine
        self.hooks = hooks or OperatorHooks()
        self.filter = self.hooks.output(self.info, job.tool.output)
        self.filtering = Lock()
        self.publisher = publisher or Publisher(job)
        self.limits = limits_of(job.tool, settings.ENV)
        self.end = RunEnd(self.limits[SECONDS])
        self.requests = ModelRequests(job, engine, self.limits[MODEL_TOKENS], self.end, self.raise_if_stopped)
        self.published_tokens = 0
        self.output_bytes = 0
        self.log_lines = 0
        self.peak_memory = 0
        self.counts_denials = False
        self.denied: Mapping[str, int] | None = None
        self.lock = Lock()
        self.publishing = Lock()

    @property
    def key(self) -> tuple[UUID, int]:
        return self.job.id, self.job.attempt

    @property
    def info(self) -> RunningJob:
        return RunningJob(str(self.job.id), self.job.tool.slug, self.job.owner_id, self.job.attempt)

    @property
    def model(self) -> ModelInfo:
        return self.engine.info

    @property
    def input(self) -> dict[str, Any]:
        """Return the input that the tool gets, as operator hooks left its texts. Raises Refused, HookFailed."""
        texts, files = split_files(self.job.tool.input_schema, self.job.input)
        return {**self.hooks.input(self.info, texts), **files} if files else self.hooks.input(self.info, self.job.input)

    @property
    def stopped(self) -> bool:
        return self.end.is_stop

    @property
    def seconds_left(self) -> float:
        return self.end.seconds_left

    def stop(self, reason: EndReason = EndReason.CANCELED, limit: Limit | None = None) -> None:
        """End the run at the model's next token, with this reason if it is the first."""
        self.end.set(reason, limit)
        self.requests.cancel_all()

    def exceed(self, limit: Limit) -> None:
        """End the run because it exceeded this limit."""
        self.stop(EndReason.LIMIT, limit)

    def time_out(self) -> None:
        """End the run if its time is up."""
        self.end.time_out()
        if self.end.is_stop:
            self.requests.cancel_all()

    def finish(self) -> None:
        """Note that the tool has come to its end: from now on the run can't time out."""
        self.end.set(EndReason.FINISHED)

    def raise_if_stopped(self) -> None:
        self.end.raise_if_stopped()
        if self.filter is not None and self.filter.fault is not None:
            raise self.filter.fault  # a tool may have taken it for a fault that it can live with

    def generate(self, prompt: Prompt, params: SamplingParams) -> ModelAnswer:
        return self.requests.generate(prompt, params)

    def score(self, prompt: Prompt, continuation: str) -> list[float]:
        return self.requests.score(prompt, continuation)

    def count_tokens(self, prompt: Prompt) -> int:
        return self.requests.count_tokens(prompt)

    def output(self, text: str) -> None:
        self.raise_if_stopped()
        logprobs = to_stored(logprobs_of(text))
        if logprobs and self.filter is not None:
            raise Refused(FILTERED)
        text = self.fit(storable(text), logprobs)
        if self.filter is None:
            self.publish_text(text, logprobs)
        else:
            self.publish_filtered(text)
        self.raise_if_stopped()

    def flush_held(self) -> None:
        """Publish the text that a filter still holds, after the tool's end. Raises Canceled, Refused, HookFailed."""
        if self.filter is not None:
            self.raise_if_stopped()
            self.publish_filtered("", ended=True)

    def publish_filtered(self, text: str, *, ended: bool = False) -> None:
        assert self.filter is not None
        with self.filtering:  # a tool may let several answers of the model out at a time
            if passed := self.filter.feed(text, ended=ended):
                self.publish_text(storable(passed))

    def publish_text(self, text: str, logprobs: Sequence[StoredLogprob] = ()) -> None:
        with self.publishing:
            made = self.requests.completion_tokens
            self.publisher.output(text, made - self.published_tokens, logprobs)
            self.published_tokens = made

    def fit(self, text: str, logprobs: Sequence[StoredLogprob] = ()) -> str:
        """Return as much of the text as fits into the output, in which log-probabilities count as they are stored.

        A text that does not fit ends the run.
        """
        data = text.encode()
        size = len(data) + len(encode_logprobs(logprobs).encode())
        with self.lock:
            room = self.limits[OUTPUT].most - self.output_bytes
            self.output_bytes += size
        if size <= room:
            return text
        self.exceed(self.limits[OUTPUT])
        return data[: max(0, room)].decode(errors="ignore")

    def message(self, text: object) -> str:
        """Return a message for a person beside the output, as the hooks left it. Raises Refused, HookFailed."""
        message = as_message(text)
        return message if self.filter is None else as_message(self.filter.whole(message))

    def note_memory(self, peak: int) -> None:
        self.peak_memory = peak

    def note_denials(self, denied: Mapping[str, int]) -> None:
        self.denied = denied

    def progress(self, done: float, total: float, message: str) -> None:
        self.raise_if_stopped()
        if not (isfinite(done) and isfinite(total)):
            raise ValueError(f"progress takes finite numbers, not {done} of {total}")
        data = {"done": done, "total": total, "message": self.message(message)}
        self.publisher.publish(Event(PROGRESS, data))

    def log(self, message: str) -> None:
        with self.lock:
            self.log_lines += 1
        if self.log_lines > self.limits[LOG_LINES].most:
            self.exceed(self.limits[LOG_LINES])
        self.raise_if_stopped()
        self.publisher.publish(Event(LOG, {"message": self.message(message)}))
