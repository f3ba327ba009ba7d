"""`/v1/chat/completions`: a conversation and its next message, whole and as a stream."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Job, Status
from harness.waiting import wait_until_async
from tests.api.acting_worker import ActingWorker
from tests.api.openai_api.calls import CHAT, HELLO, begin, error_of, fail, has_ended, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


async def test_a_conversation_becomes_the_input_of_the_chat(async_api: AsyncClient, worker: ActingWorker) -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]
    body = {
        "model": "m",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "assistant", "content": None, "refusal": None, "annotations": [], "tool_calls": None},
            {"role": "user", "content": parts},
        ],
        "stop": "\n",
        "seed": 4,
        "top_p": 0.5,
        "temperature": 0,
        "max_tokens": 9,
        "max_completion_tokens": 8,
        "response_format": {"type": "json_object"},
    }
    asking = await begin(async_api, CHAT, body)
    job = await sync_to_async(worker.run)("{}")

    answer = await asking

    assert answer.json()["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "{}", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert job.input == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "assistant", "content": ""},
            {"role": "user", "content": "Hello"},
        ],
        "instructions": "",
        "temperature": 0,
        "top_p": 0.5,
        "max_tokens": 8,
        "stop": ["\n"],
        "seed": 4,
        "logprobs": None,
        "json_schema": '{"type": "object"}',
    }


async def test_what_is_about_the_caller_alone_or_asks_for_nothing_more_is_taken(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    body = {
        "model": "m",
        "messages": HELLO,
        "user": "ada",
        "metadata": {"trace": "1"},
        "store": True,
        "n": 1,
        "presence_penalty": 0.0,
        "frequency_penalty": 0,
        "logit_bias": {},
        "tools": [],
        "tool_choice": "auto",
        "logprobs": False,
        "top_logprobs": None,
        "response_format": {"type": "text"},
    }
    asking = await begin(async_api, CHAT, body)
    await sync_to_async(worker.run)("Hi")

    assert (await asking).status_code == 200


async def test_a_stream_ends_with_its_usage_where_that_is_asked_for(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    body = {"model": "m", "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}}
    asking = await begin(async_api, CHAT, body)
    await sync_to_async(worker.run)("Hi\u2028", " there")

    answer = await asking
    first, *chunks, last, usage, done = await read(answer)

    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "no-store"
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == "Hi\u2028 there"
    assert last["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    assert done == "[DONE]"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("code", "status", "given"),
    [
        (ErrorCode.PROMPT_TOO_LONG, 400, "context_length_exceeded"),
        (ErrorCode.TOOL_ERROR, 400, "tool_error"),
        (ErrorCode.REFUSED, 400, "refused"),
        (ErrorCode.LIMIT_EXCEEDED, 400, "limit_exceeded"),
        (ErrorCode.ENGINE_ERROR, 503, "engine_error"),
        (ErrorCode.TOOL_CRASHED, 500, "tool_crashed"),
    ],
)
async def test_a_job_that_fails_before_it_has_written_anything_is_an_error_with_a_status(
    async_api: AsyncClient, worker: ActingWorker, stream: bool, code: ErrorCode, status: int, given: str
) -> None:
    asking = await begin(async_api, CHAT, {"model": "m", "messages": HELLO, "stream": stream})
    await sync_to_async(fail)(worker, code)

    answer = await asking

    assert answer.status_code == status
    assert (error_of(answer)["code"], error_of(answer)["message"]) == (given, "It is so.")


async def test_a_job_that_is_canceled_elsewhere_is_an_error(async_api: AsyncClient) -> None:
    asking = await begin(async_api, CHAT, {"model": "m", "messages": HELLO})
    job = await Job.objects.aget()
    await async_api.post(f"/api/v1/jobs/{job.id}/cancel")

    answer = await asking

    assert (answer.status_code, error_of(answer)["code"]) == (400, "canceled")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("headers", "status"), [({}, Status.CANCELED), ({"Idempotency-Key": "k"}, Status.QUEUED)])
async def test_the_job_of_a_caller_who_goes_away_is_canceled_unless_they_can_ask_for_it_again(
    async_api: AsyncClient, headers: dict[str, str], status: Status, stream: bool
) -> None:
    asking = await begin(async_api, CHAT, {"model": "m", "messages": HELLO, "stream": stream}, **headers)
    asking.cancel()
    await asyncio.wait({asking})
    if status == Status.CANCELED:
        await wait_until_async(has_ended, "the cancellation", 20)

    job = await Job.objects.aget()
    assert (job.status, job.cancel_requested) == (status, status == Status.CANCELED)
