"""Requests to OpenAI's API, and what the jobs behind them come to."""

import asyncio
import json
from typing import Any

from django.test import AsyncClient

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.models import Job, Status
from harness.waiting import wait_until_async
from tests.api.acting_worker import ActingWorker

COMPLETIONS, CHAT = "/v1/completions", "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello"}]


def error_of(answer: Any) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert {*error} == {"message", "type", "param", "code"}
    return error


async def begin(api: AsyncClient, path: str, body: dict[str, Any], **headers: str) -> asyncio.Task[Any]:
    """Send a request, and return when its job is queued."""
    before = await Job.objects.acount()
    asking = asyncio.create_task(api.post(path, body, "application/json", headers=headers))
    await wait_until_async(lambda: count_more_than(before), "the job", 20)
    return asking


async def count_more_than(before: int) -> bool:
    return await Job.objects.acount() > before


async def read(answer: Any) -> list[Any]:
    """Return the data of a stream's events, and the comments as they are."""
    text = b"".join([part async for part in answer.streaming_content]).decode()
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]  # as many clients do
    return [json.loads(event) if event.startswith("{") else event for event in events]


def fail(worker: ActingWorker, code: ErrorCode, *pieces: str) -> None:
    worker.claim()
    worker.say(*pieces)
    states.finish(worker.job, Outcome(Status.FAILED, worker.publisher.text, Usage(), JobError(code, "It is so.")))
    worker.publisher.finish()


async def has_ended() -> bool:
    return (await Job.objects.aget()).is_final
