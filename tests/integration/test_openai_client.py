"""OpenAI's own client, unmodified, on a real store: its server, its worker and the bundled model."""

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "openai-api.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```(python|sh)\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
BEGINNING = "The harbour was quiet. In the morning"
HELLO: Any = [{"role": "user", "content": "What is a harbour?"}]
MODEL = "gptstore-mini"


@dataclass
class Store:
    site: Site
    key: str

    def count_jobs(self, status: str) -> int:
        headers = {"Authorization": f"Bearer {self.key}"}
        found = httpx.get(f"{self.site.url}/api/v1/jobs", params={"status": status}, headers=headers).json()
        return int(found["count"])


@pytest.fixture(scope="module")
def store(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.prepare()
        site.add_user("ada", "correct horse")
        key = site.manage("create_api_key", "ada").split()[-1]
        site.start_worker()
        site.start_web()
        yield Store(site, key)


@pytest.fixture
def client(store: Store) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{store.site.url}/v1", api_key=store.key, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(store: Store) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{store.site.url}/v1", api_key=store.key, max_retries=0) as client:
        yield client


def test_the_models_are_listed_and_found(client: OpenAI) -> None:
    (model,) = client.models.list()

    assert model.id == MODEL
    assert model.owned_by == "gptstore"
    assert client.models.retrieve(MODEL) == model
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("gpt-5/large")
    assert raised.value.code == "model_not_found"


def test_a_text_is_gone_on_with(client: OpenAI) -> None:
    done = client.completions.create(model=MODEL, prompt=BEGINNING, max_tokens=12, temperature=0)

    (choice,) = done.choices
    assert done.object == "text_completion"
    assert choice.text.strip()
    assert choice.finish_reason == "length"
    assert done.usage is not None
    assert done.usage.completion_tokens == 12
    assert done.usage.total_tokens == done.usage.prompt_tokens + 12


def test_a_stream_says_the_same_word_by_word(client: OpenAI) -> None:
    whole = client.completions.create(model=MODEL, prompt=BEGINNING, max_tokens=30, temperature=0)
    chunks = list(
        client.completions.create(
            model=MODEL,
            prompt=BEGINNING,
            max_tokens=30,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    *texts, last, usage = chunks
    assert len(texts) > 1
    assert "".join(chunk.choices[0].text for chunk in texts) == whole.choices[0].text
    assert last.choices[0].finish_reason == whole.choices[0].finish_reason
    assert {chunk.usage for chunk in (*texts, last)} == {None}
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stop_ends_the_text_and_a_seed_repeats_it(client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 30, "temperature": 1.0, "seed": 7}

    once, again = (client.completions.create(**asked).choices[0] for _ in range(2))
    stop = once.text.split()[2]
    stopped = client.completions.create(**asked, stop=[stop]).choices[0]

    assert once.text == again.text
    assert stopped.text == once.text[: once.text.index(stop)]
    assert stopped.finish_reason == "stop"


def test_several_answers_come_side_by_side(client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 12, "temperature": 1.0, "seed": 7}

    whole = client.completions.create(**asked, n=3)
    texts = dict.fromkeys(range(3), "")
    for chunk in client.completions.create(**asked, n=3, stream=True):
        texts[chunk.choices[0].index] += chunk.choices[0].text

    assert [choice.index for choice in whole.choices] == [0, 1, 2]
    assert [choice.text for choice in whole.choices] == [*texts.values()]
    assert len({*texts.values()}) == 3
    assert whole.choices[0].text == client.completions.create(**asked).choices[0].text
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 36


def test_several_answers_of_a_conversation_are_streamed(client: OpenAI) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=10, n=2, stream=True)
    chunks = list(stream)

    assert {chunk.choices[0].index for chunk in chunks} == {0, 1}
    ends = [chunk.choices[0] for chunk in chunks if chunk.choices[0].finish_reason]
    assert sorted(choice.index for choice in ends) == [0, 1]
    assert {choice.finish_reason for choice in ends} <= {"stop", "length"}


def test_each_token_of_a_text_comes_with_its_log_probability(client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 20, "temperature": 1.0, "seed": 7}

    plain = client.completions.create(**asked).choices[0]
    whole = client.completions.create(**asked, logprobs=3).choices[0]
    chunks = [*client.completions.create(**asked, logprobs=3, stream=True)]

    logprobs = whole.logprobs
    assert (plain.logprobs, plain.text) == (None, whole.text)
    assert logprobs is not None
    assert logprobs.tokens is not None
    assert logprobs.text_offset is not None
    assert logprobs.token_logprobs is not None
    assert logprobs.top_logprobs is not None
    assert "".join(logprobs.tokens) == whole.text
    assert len(logprobs.tokens) == 20
    for token, value, top, offset in zip(
        logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs, logprobs.text_offset, strict=True
    ):
        assert top[token] == value <= 0
        assert len(top) in (3, 4)
        assert (BEGINNING + whole.text)[offset:].startswith(token)
    streamed = [chunk.choices[0] for chunk in chunks]
    for choice in streamed[:-1]:
        assert choice.logprobs is not None
        assert "".join(choice.logprobs.tokens or []) == choice.text
    for name in ("tokens", "token_logprobs", "top_logprobs", "text_offset"):
        parts = [getattr(choice.logprobs, name) for choice in streamed if choice.logprobs]
        assert [one for part in parts for one in part] == getattr(logprobs, name)


def test_each_token_of_a_message_comes_with_its_log_probability(client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 20, "logprobs": True, "n": 2, "seed": 3}

    whole = client.chat.completions.create(**asked, top_logprobs=2)
    streamed: dict[int, list[Any]] = {0: [], 1: []}
    for chunk in client.chat.completions.create(**asked, top_logprobs=2, stream=True):
        if found := chunk.choices[0].logprobs:
            streamed[chunk.choices[0].index] += found.content or []

    for choice in whole.choices:
        assert choice.logprobs is not None
        content = choice.logprobs.content or []
        text = bytes(byte for one in content for byte in one.bytes or []).decode()
        assert text.strip() == choice.message.content
        assert all(one.logprob <= 0 and len(one.top_logprobs) == 2 for one in content)
        assert all(one.top_logprobs[0].logprob >= one.top_logprobs[1].logprob for one in content)
        assert streamed[choice.index] == content
    assert whole.choices[0].logprobs != whole.choices[1].logprobs


def test_a_client_that_goes_away_cancels_all_its_jobs(store: Store, client: OpenAI) -> None:
    before = store.count_jobs("canceled")
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 900, "temperature": 1.5, "n": 3}

    with closing(client.completions.create(**asked, stream=True)) as stream:
        next(iter(stream))

    wait_until(lambda: store.count_jobs("canceled") == before + 3, "all jobs to be canceled", 60)


def test_a_conversation_is_answered(client: OpenAI) -> None:
    done = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": "You know the sea."}, *HELLO],
        max_completion_tokens=20,
        user="ada",
        metadata={"trace": "1"},
    )

    assert done.object == "chat.completion"
    assert done.choices[0].message.role == "assistant"
    assert done.choices[0].message.content
    assert done.choices[0].finish_reason in ("stop", "length")


async def test_a_conversation_is_streamed_to_the_client_of_asyncio(async_client: AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 25, "temperature": 0}
    whole = await async_client.chat.completions.create(**asked)
    stream = await async_client.chat.completions.create(**asked, stream=True)
    chunks = [chunk async for chunk in stream]

    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == whole.choices[0].finish_reason


@pytest.mark.parametrize("how", ["json_object", "json_schema"])
def test_an_answer_can_have_to_be_json(client: OpenAI, how: str) -> None:
    schema = {"type": "object", "properties": {"open": {"type": "boolean"}}, "required": ["open"]}
    if how == "json_object":
        form: dict[str, Any] = {"type": how}
    else:
        form = {"type": how, "json_schema": {"name": "harbour", "schema": {**schema, "additionalProperties": False}}}

    done = client.chat.completions.create(
        model=MODEL,
        messages=HELLO,
        max_tokens=60,
        temperature=0,
        response_format=form,  # type: ignore[call-overload]
    )

    answer = done.choices[0].message.content
    if how == "json_schema":
        assert set(json.loads(answer)) == {"open"}
    else:
        assert answer.startswith("{")


@pytest.mark.parametrize(
    ("asked", "error", "param", "code"),
    [
        ({"model": "gpt-5"}, openai.NotFoundError, "model", "model_not_found"),
        ({"temperature": 3}, openai.BadRequestError, "temperature", "invalid_value"),
        ({"temperature": "hot"}, openai.BadRequestError, "temperature", "invalid_value"),
        ({"max_tokens": 0}, openai.BadRequestError, "max_tokens", "invalid_value"),
        ({"seed": -1}, openai.BadRequestError, "seed", "invalid_value"),
        ({"n": 9}, openai.BadRequestError, "n", "invalid_value"),
        ({"logprobs": True, "top_logprobs": 21}, openai.BadRequestError, "top_logprobs", "invalid_value"),
        ({"top_logprobs": 2}, openai.BadRequestError, "top_logprobs", "invalid_value"),
        (
            {"tools": [{"type": "function", "function": {"name": "look_up"}}]},
            openai.BadRequestError,
            "tools",
            "unsupported_parameter",
        ),
        ({"messages": []}, openai.BadRequestError, "messages", "invalid_value"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"not": {}}}}},
            openai.BadRequestError,
            "response_format",
            "invalid_value",
        ),
        (
            {"messages": [{"role": "user", "content": "word " * 5_000}]},
            openai.BadRequestError,
            None,
            "context_length_exceeded",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_each_error_raises_the_exception_of_its_kind(
    client: OpenAI,
    asked: dict[str, Any],
    error: type[openai.APIStatusError],
    param: str | None,
    code: str,
    stream: bool,
) -> None:
    with pytest.raises(error) as raised:
        client.chat.completions.create(**{"model": MODEL, "messages": HELLO, "stream": stream, **asked})

    assert (raised.value.param, raised.value.code) == (param, code)
    assert raised.value.type == "invalid_request_error"


def test_a_wrong_key_is_an_authentication_error(store: Store) -> None:
    with (
        OpenAI(base_url=f"{store.site.url}/v1", api_key="gs_wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        stranger.models.list()

    assert raised.value.code == "invalid_api_key"


def test_a_client_that_goes_away_cancels_its_job(store: Store, client: OpenAI) -> None:
    before = store.count_jobs("canceled")
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 900, "temperature": 1.5}

    with closing(client.completions.create(**asked, stream=True)) as stream:
        next(iter(stream))
    with pytest.raises(openai.APITimeoutError):
        client.completions.create(**asked, timeout=0.5)

    wait_until(lambda: store.count_jobs("canceled") == before + 2, "both jobs to be canceled", 60)


def test_a_request_with_its_key_is_done_once(client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "prompt": BEGINNING, "max_tokens": 10, "temperature": 1.5}
    headers = {"Idempotency-Key": "once"}

    once, again = (client.completions.create(**asked, extra_headers=headers) for _ in range(2))

    assert once == again
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        client.completions.create(**{**asked, "max_tokens": 11}, extra_headers=headers)
    assert raised.value.code == "idempotency_conflict"


@pytest.mark.parametrize(("language", "code"), SNIPPETS)
def test_each_snippet_of_the_guide_does_something(store: Store, language: str, code: str) -> None:
    command = [sys.executable, "-c", code] if language == "python" else ["bash", "-eu", "-c", code]
    address = {"OPENAI_BASE_URL": f"{store.site.url}/v1", "OPENAI_API_KEY": store.key}

    done = subprocess.run(command, env={**os.environ, **address}, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert '"error"' not in done.stdout
