"""OpenAI's API as HTTP: shapes, refusals, errors, jobs that come to no good. tests/integration has the real client."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import AsyncClient, Client

from gptstore.accounts.models import User
from gptstore.api.openai import completions
from gptstore.catalog.models import Tool
from gptstore.catalog.sizes import max_body_bytes
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo, beat
from gptstore.sdk import Tool as SdkTool
from gptstore_chat.tool import chat
from gptstore_writer.tool import write
from harness.rows import make_tool
from harness.waiting import wait_until_async
from tests.api.acting_worker import ActingWorker

COMPLETIONS, CHAT = "/v1/completions", "/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello"}]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


def row_of(tool: SdkTool) -> Tool:
    return make_tool(tool.slug, input_schema=tool.input_schema, output=tool.output, plugin=f"gptstore-{tool.slug}")


@pytest.fixture
def tools(db: None) -> None:
    row_of(chat)
    row_of(write)


@pytest.fixture
def worker() -> ActingWorker:
    worker = ActingWorker()
    worker.tools = ("chat", "writer")
    return worker


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


async def test_a_completion_has_openai_s_fields(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "max_tokens": 5})
    worker.finish_reason = "length"
    job = await sync_to_async(worker.run)(" upon", " a time")

    answer = await asking

    assert answer.status_code == 200
    assert answer["X-Request-Id"] == str(job.id)
    assert answer.json() == {
        "id": f"cmpl-{job.id.hex}",
        "object": "text_completion",
        "created": int(job.created_at.timestamp()),
        "model": "m",
        "choices": [{"index": 0, "text": " upon a time", "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }
    assert job.input == {
        "text": "Once",
        "temperature": 0.7,
        "top_p": 1.0,
        "max_tokens": 5,
        "stop": None,
        "seed": None,
    }


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


@pytest.mark.parametrize(
    ("path", "more", "param", "code"),
    [
        (CHAT, {"n": 2}, "n", "unsupported_parameter"),
        (CHAT, {"n": True}, "n", "unsupported_parameter"),
        (CHAT, {"logprobs": True}, "logprobs", "unsupported_parameter"),
        (COMPLETIONS, {"logprobs": 0}, "logprobs", "unsupported_parameter"),
        (COMPLETIONS, {"echo": True}, "echo", "unsupported_parameter"),
        (COMPLETIONS, {"suffix": "."}, "suffix", "unsupported_parameter"),
        (COMPLETIONS, {"best_of": 2}, "best_of", "unsupported_parameter"),
        (CHAT, {"presence_penalty": 0.5}, "presence_penalty", "unsupported_parameter"),
        (CHAT, {"logit_bias": {"5": 100}}, "logit_bias", "unsupported_parameter"),
        (CHAT, {"tools": [{"type": "function"}]}, "tools", "unsupported_parameter"),
        (CHAT, {"tool_choice": "required"}, "tool_choice", "unsupported_parameter"),
        (CHAT, {"modalities": ["text", "audio"]}, "modalities", "unsupported_parameter"),
        (CHAT, {"reasoning_effort": "high"}, "reasoning_effort", "unsupported_parameter"),
        (CHAT, {"temprature": 0}, "temprature", None),
        (CHAT, {"x" * 5_000: 0}, "x" * 60 + "…", None),
        (COMPLETIONS, {"prompt": ["a", "b"]}, "prompt", "unsupported_value"),
        (COMPLETIONS, {"prompt": [1, 2]}, "prompt", "invalid_value"),
        (COMPLETIONS, {"prompt": "a\0"}, "prompt", "invalid_value"),
        (COMPLETIONS, {"model": None}, "model", "invalid_value"),
        (CHAT, {"messages": None}, "messages", "invalid_value"),
        (CHAT, {"messages": []}, "messages", "invalid_value"),
        (CHAT, {"messages": [{"role": "tool", "content": "a"}]}, "messages", "invalid_value"),
        (CHAT, {"messages": [{"role": "assistant", "content": "a"}]}, "messages", "invalid_value"),
        (CHAT, {"messages": [{**HELLO[0], "name": "ada"}]}, "messages", "unsupported_parameter"),
        (
            CHAT,
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]},
            "messages",
            "invalid_value",
        ),
        (CHAT, {"temperature": 2.1}, "temperature", "invalid_value"),
        (CHAT, {"temperature": "1"}, "temperature", "invalid_value"),
        (CHAT, {"top_p": 0}, "top_p", "invalid_value"),
        (CHAT, {"max_tokens": 0}, "max_tokens", "invalid_value"),
        (CHAT, {"max_tokens": 2.5}, "max_tokens", "invalid_value"),
        (CHAT, {"seed": 2**70}, "seed", "invalid_value"),
        (CHAT, {"stop": [str(number) for number in range(65)]}, "stop", "invalid_value"),
        (CHAT, {"stream_options": {"include_usage": True}}, "stream_options", None),
        (CHAT, {"response_format": {"type": "yaml"}}, "response_format", "invalid_value"),
        (
            CHAT,
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"not": {}}}}},
            "response_format",
            "invalid_value",
        ),
    ],
)
def test_what_would_change_the_answer_is_refused_by_its_name(
    api: Client, path: str, more: dict[str, Any], param: str, code: str | None
) -> None:
    body = {"model": "m", **({"messages": HELLO} if path == CHAT else {"prompt": "Once"}), **more}

    answer = api.post(path, body, "application/json")

    assert answer.status_code == 400
    error = error_of(answer)
    assert (error["param"], error["code"], error["type"]) == (param, code, "invalid_request_error")
    assert error["message"]
    assert not Job.objects.exists()


def test_a_parameter_that_is_missing_is_named(api: Client) -> None:
    answer = api.post(CHAT, {"model": "m"}, "application/json")

    assert (answer.status_code, error_of(answer)["code"]) == (400, "missing_required_parameter")
    assert error_of(answer)["param"] == "messages"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"temperature": NaN}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b"model=m", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(api: Client, body: bytes, content_type: str, status: int) -> None:
    answer = api.post(CHAT, body, content_type)

    assert (answer.status_code, error_of(answer)["code"]) == (status, "invalid_body")


@pytest.mark.parametrize(("slug", "path"), [("chat", CHAT), ("writer", COMPLETIONS)])
@pytest.mark.parametrize("change", [{"enabled": False}, {"installed": False}, None])
def test_a_store_without_the_tool_says_so(api: Client, slug: str, path: str, change: dict[str, bool] | None) -> None:
    tools = Tool.objects.filter(slug=slug)
    if change is None:
        tools.delete()
    else:
        tools.update(**change)

    answer = api.post(
        path, {"model": "m", **({"messages": HELLO} if path == CHAT else {"prompt": "a"})}, "application/json"
    )

    assert (answer.status_code, error_of(answer)["code"]) == (404, "tool_unavailable")
    assert f"“{slug}”" in error_of(answer)["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer gs_no"}, {"Authorization": "Basic YTpi"}])
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("GET", "/v1/models/m"), ("POST", CHAT)])
def test_without_a_key_nobody_gets_anything(method: str, path: str, headers: dict[str, str]) -> None:
    answer = Client().generic(method, path, headers=headers)

    assert (answer.status_code, error_of(answer)["code"]) == (401, "invalid_api_key")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_session_of_a_browser_is_no_key(owner: User) -> None:
    browser = Client()
    browser.force_login(owner)

    assert browser.get("/v1/models").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/", 404, "not_found"),
        ("POST", "/v1/embeddings", 404, "not_found"),
        ("GET", CHAT, 405, "method_not_allowed"),
        ("DELETE", "/v1/models/m", 405, "method_not_allowed"),
    ],
)
def test_django_s_own_errors_have_openai_s_shape(api: Client, method: str, path: str, status: int, code: str) -> None:
    answer = api.generic(method, path)

    assert (answer.status_code, error_of(answer)["code"]) == (status, code)


def test_an_outage_is_told_as_one_and_a_fault_tells_no_secret(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    api.raise_request_exception = False
    for error, status in ((OperationalError("no route to db-7"), 503), (ValueError("password=secret"), 500)):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(completions, "launch", fail)
        answer = api.post(CHAT, {"model": "m", "messages": HELLO}, "application/json")

        assert answer.status_code == status
        assert error_of(answer)["type"] == "server_error"
        assert str(error) not in answer.content.decode()


def test_models_are_those_of_living_workers(api: Client) -> None:
    assert api.get("/v1/models").json() == {"object": "list", "data": []}
    beat(WorkerInfo("w1", "Qwen/Qwen3-4B", False, 4_000_000_000, 8192, "cuda", ["chat"]))

    (model,) = api.get("/v1/models").json()["data"]

    assert (model["id"], model["object"], model["max_model_len"]) == ("Qwen/Qwen3-4B", "model", 8192)
    assert api.get("/v1/models/Qwen/Qwen3-4B").json() == model
    assert api.get("/v1/models/Qwen%2FQwen3-4B").json() == model
    assert error_of(api.get("/v1/models/gpt-5"))["code"] == "model_not_found"
    answer = api.post(CHAT, {"model": "gpt-5", "messages": HELLO}, "application/json")
    assert (answer.status_code, error_of(answer)["param"]) == (404, "model")


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


async def test_an_empty_answer_is_an_answer(async_api: AsyncClient, worker: ActingWorker) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(worker.run)()

    (last, done) = await read(await asking)

    assert (last["choices"][0]["text"], last["choices"][0]["finish_reason"], done) == ("", "stop", "[DONE]")


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


def fail(worker: ActingWorker, code: ErrorCode, *pieces: str) -> None:
    worker.claim()
    worker.say(*pieces)
    states.finish(worker.job, Outcome(Status.FAILED, worker.publisher.text, Usage(), JobError(code, "It is so.")))
    worker.publisher.finish()


async def test_a_job_that_fails_later_ends_its_stream_with_the_error(
    async_api: AsyncClient, worker: ActingWorker
) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(fail)(worker, ErrorCode.LIMIT_EXCEEDED, " upon")

    answer = await asking
    *chunks, error = await read(answer)

    assert answer.status_code == 200
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == " upon"
    assert error["error"]["code"] == "limit_exceeded"


async def test_a_job_that_is_canceled_elsewhere_is_an_error(async_api: AsyncClient) -> None:
    asking = await begin(async_api, CHAT, {"model": "m", "messages": HELLO})
    job = await Job.objects.aget()
    await async_api.post(f"/api/v1/jobs/{job.id}/cancel")

    answer = await asking

    assert (answer.status_code, error_of(answer)["code"]) == (400, "canceled")


@pytest.mark.parametrize(("again", "error"), [((" upon", " a time"), None), ((" there", " was"), "answer_restarted")])
async def test_a_second_attempt_goes_on_where_it_writes_the_same_and_is_an_error_where_it_does_not(
    async_api: AsyncClient, worker: ActingWorker, again: tuple[str, ...], error: str | None
) -> None:
    asking = await begin(async_api, COMPLETIONS, {"model": "m", "prompt": "Once", "stream": True})
    await sync_to_async(worker.claim)()
    await sync_to_async(worker.say)(" upon")
    answer = await asking
    await sync_to_async(states.requeue)(worker.job)
    await sync_to_async(worker.run)(*again)

    events = await read(answer)

    if error:
        assert events[-1]["error"]["code"] == error
    else:
        assert "".join(event["choices"][0]["text"] for event in events[:-1]) == " upon a time"
        assert events[-1] == "[DONE]"


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


async def has_ended() -> bool:
    return (await Job.objects.aget()).is_final


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
async def test_what_the_tool_takes_is_no_too_large_body(path: str) -> None:
    assert await max_body_bytes(path, 2_000_000) > 2_000_000
    assert await max_body_bytes("/v1/models", 1000) == 1000


def test_a_key_that_is_none_is_refused(api: Client) -> None:
    answer = api.post(CHAT, {"model": "m", "messages": HELLO}, "application/json", headers={"Idempotency-Key": "é"})

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_value")
