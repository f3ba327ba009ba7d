"""Requests of either kind that no job comes of."""

from typing import Any

import pytest
from django.test import Client

from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from tests.api.openai_api.calls import CHAT, COMPLETIONS, HELLO, error_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


@pytest.mark.parametrize(
    ("path", "more", "param", "code"),
    [
        (CHAT, {"n": 0}, "n", "invalid_value"),
        (CHAT, {"n": 9}, "n", "invalid_value"),
        (CHAT, {"n": True}, "n", "invalid_value"),
        (CHAT, {"n": 2, "seed": 2**70}, "seed", "invalid_value"),
        (CHAT, {"logprobs": 1}, "logprobs", "invalid_value"),
        (CHAT, {"logprobs": True, "top_logprobs": 21}, "top_logprobs", "invalid_value"),
        (CHAT, {"logprobs": True, "top_logprobs": -1}, "top_logprobs", "invalid_value"),
        (CHAT, {"top_logprobs": 1}, "top_logprobs", "invalid_value"),
        (CHAT, {"logprobs": False, "top_logprobs": 1}, "top_logprobs", "invalid_value"),
        (COMPLETIONS, {"logprobs": 6}, "logprobs", "invalid_value"),
        (COMPLETIONS, {"logprobs": True}, "logprobs", "invalid_value"),
        (COMPLETIONS, {"logprobs": 1, "top_logprobs": 1}, "top_logprobs", "unsupported_parameter"),
        (COMPLETIONS, {"logprobs": 1, "best_of": 2}, "best_of", "unsupported_parameter"),
        (COMPLETIONS, {"logprobs": 1, "echo": True}, "echo", "unsupported_parameter"),
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


def test_a_key_that_is_none_is_refused(api: Client) -> None:
    answer = api.post(CHAT, {"model": "m", "messages": HELLO}, "application/json", headers={"Idempotency-Key": "é"})

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_value")
