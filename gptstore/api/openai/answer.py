"""The answer of a job: read while it is written, or awaited whole. A job whose caller goes away is canceled."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from gptstore.api.openai.errors import OpenAIError
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import FINISHED, OUTPUT, RESET, STARTED, Event
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.logprobs import decode_logprobs
from gptstore.jobs.models import Job, Status
from gptstore.jobs.wire.stream import Delivered, fetch_or_none, pause, read_events
from gptstore.sdk.logprobs import StoredLogprob

log = structlog.get_logger(__name__)

canceling: set[asyncio.Task[None]] = set()
"""The cancellations that go on: asyncio itself keeps no task alive."""

STATUSES = {
    ErrorCode.TOOL_MISSING: 503,
    ErrorCode.WORKER_LOST: 503,
    ErrorCode.OUT_OF_MEMORY: 503,
    ErrorCode.ENGINE_ERROR: 503,
    ErrorCode.TOOL_CRASHED: 500,
    ErrorCode.INTERNAL_ERROR: 500,
}
"""The statuses of failures that may not happen again; after all others the same request fails once more."""


@dataclass(frozen=True)
class Delta:
    """New text of an answer, with the log-probabilities of its tokens if they were asked for."""

    text: str
    logprobs: Sequence[StoredLogprob] = ()


class Answer:
    """The answer of one job. `job` is final once all of it was read.

    Its log-probabilities follow its text: of the same text come the same tokens.

    is_kept: the job goes on when its caller goes away, who can ask for it again with their idempotency key.
    """

    def __init__(self, job: Job, *, is_kept: bool) -> None:
        self.job = job
        self.is_kept = is_kept
        self.sent = ""
        self.sent_tokens = 0
        self.replayed: str | None = None
        self.replayed_logprobs: list[StoredLogprob] = []

    async def whole(self) -> Job:
        """Wait for the job's end. Raises OpenAIError unless it succeeded."""
        async with aclosing(self.pieces()) as pieces:
            async for _ in pieces:
                pass
        return self.job

    async def pieces(self) -> AsyncGenerator[Delta | None]:
        """Yield new text as it is written; None each time nothing came for ten seconds.

        Raises OpenAIError when the job did not succeed, Job.DoesNotExist when it was deleted.
        """
        try:
            await sync_to_async(close_old_connections)()
            async with aclosing(read_events(self.job, None, Delivered())) as events:
                async for event in events:
                    if event is None:
                        yield None
                    elif event.name == FINISHED:
                        break
                    elif event.name in (RESET, STARTED):
                        self.begin_again()
                    elif event.name == OUTPUT and (delta := self.take_event(event)):
                        yield delta
            async for _ in self.fetched():
                yield None
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError | GeneratorExit) and not self.is_kept:
                cancel_soon(self.job.id)
            raise
        if len(self.job.output) != len(self.sent):
            self.begin_again()
            if delta := self.take(self.job.output, decode_logprobs(self.job.logprobs)):
                yield delta
        if self.job.status != Status.SUCCEEDED:
            raise failure(self.job)

    def begin_again(self) -> None:
        """Expect the text from its beginning: another attempt writes it, or Redis lost a part of it."""
        self.replayed = ""
        self.replayed_logprobs = []

    def take_event(self, event: Event) -> Delta | None:
        return self.take(event.data["text"], event.data.get("logprobs", ()))

    def take(self, text: str, logprobs: Sequence[StoredLogprob] = ()) -> Delta | None:
        """Return what is new in the text that follows. Raises OpenAIError when it differs from what was sent."""
        if self.replayed is None:
            self.sent += text
            self.sent_tokens += len(logprobs)
            return Delta(text, logprobs) if text or logprobs else None
        self.replayed += text
        self.replayed_logprobs += logprobs
        known, again = self.sent, self.replayed
        if not (known.startswith(again) or again.startswith(known)):
            message = "The worker was lost, and another one writes another answer. Send the request again."
            raise OpenAIError(503, message, code="answer_restarted")
        if len(again) < len(known):
            return None
        new = self.replayed_logprobs[self.sent_tokens :]
        self.sent, self.replayed = again, None
        self.sent_tokens += len(new)
        return Delta(again[len(known) :], new) if len(again) > len(known) or new else None

    async def fetched(self) -> AsyncGenerator[None]:
        """Read the job's row, waiting while the database is away, for as long as that takes."""
        while (job := await fetch_or_none(self.job.id)) is None:
            await pause()
            yield None
        self.job = job


async def launched(launching: Awaitable[list[Job]], *, is_kept: bool) -> list[Job]:
    """Wait until the jobs are there. A caller who goes away meanwhile leaves none behind that is not kept."""
    task = asyncio.ensure_future(launching)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not is_kept:
            task.add_done_callback(cancel_launched)
        raise


def cancel_launched(task: "asyncio.Future[list[Job]]") -> None:
    if not task.cancelled() and task.exception() is None:
        for job in task.result():
            cancel_soon(job.id)


def failure(job: Job) -> OpenAIError:
    """Return the error for a job that failed or was canceled."""
    if job.status == Status.CANCELED:
        return OpenAIError(400, "The run was canceled.", code="canceled")
    code = ErrorCode(job.error_code)
    if code == ErrorCode.PROMPT_TOO_LONG:
        return OpenAIError(400, job.error_message, code="context_length_exceeded")
    return OpenAIError(STATUSES.get(code, 400), job.error_message or str(code.label), code=code.value)


def cancel_soon(job_id: UUID) -> None:
    """Cancel a job in a thread, for a caller who is being canceled and so can't wait."""
    task = asyncio.ensure_future(sync_to_async(cancel_job, thread_sensitive=False)(job_id))
    canceling.add(task)
    task.add_done_callback(canceling.discard)


def cancel_job(job_id: UUID) -> None:
    try:
        cancel(Job.objects.get(id=job_id))
    except Job.DoesNotExist:
        pass
    except Exception:
        log.exception("cancel_failed", job=str(job_id))
    finally:
        close_old_connections()
