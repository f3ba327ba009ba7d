"""Bodies and queries that would break the database, the JSON of an answer, or the process."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.test import Client
from httpx import ASGITransport, AsyncClient

from gptstore.asgi import application
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job

RUN = "/api/v1/tools/shout/jobs"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'input': {}}",
        b'{"input": {"text": "x"}} trailing',
        b'{"input": {"text": "x", "times": NaN}}',
        b'{"input": {"text": "x", "times": Infinity}}',
        b'{"input": {"text": "x", "times": -1e999}}',
        b'{"input": {"text": "x", "times": ' + b"9" * 5000 + b"}}",
        b'{"input": {"text": "\xff"}}',
        '{"input": {"text": "x"}}'.encode("utf-16"),
        b'\xef\xbb\xbf{"input": {"text": "x"}}',
        b"[" * 100_000,
        b'{"input": {"text": "' + b"\x01" + b'"}}',
    ],
)
def test_what_is_no_json_is_refused(api: Client, shout: Tool, body: bytes) -> None:
    answer = api.generic("POST", RUN, body, "application/json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:gptstore:problem:invalid-json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        rb'{"input": {"text": "a\u0000b"}}',
        rb'{"input": {"text": "a\ud800b"}}',
        rb'{"input": {"text": "\udc00\ud800"}}',
        rb'{"input": {"text": "x", "\u0000": 1}}',
        rb'{"input": {"text": "x", "\ud800": 1}}',
        rb'{"\ud800": {"text": "x"}}',
    ],
)
def test_characters_that_cannot_be_kept_are_refused(api: Client, shout: Tool, body: bytes) -> None:
    answer = api.generic("POST", RUN, body, "application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Job.objects.exists()


def test_a_pair_of_surrogates_is_one_character(api: Client, shout: Tool) -> None:
    answer = api.generic("POST", RUN, rb'{"input": {"text": "\ud83d\ude42"}}', "application/json")

    assert answer.status_code == 202
    assert answer.json()["input"]["text"] == "🙂"


@pytest.mark.parametrize(
    "media_type", ["text/html", "text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_other_media_types_are_refused(api: Client, shout: Tool, media_type: str) -> None:
    answer = api.generic("POST", RUN, b'{"input": {"text": "x"}}', media_type)

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_json_in_every_spelling(api: Client, shout: Tool, media_type: str) -> None:
    assert api.generic("POST", RUN, b'{"input": {"text": "x"}}', media_type).status_code == 202


def test_a_body_over_the_limit_is_refused(api: Client, shout: Tool, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = api.post(RUN, {"input": {"text": "x" * 100}}, "application/json")

    assert answer.status_code == 413
    assert "100 bytes" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
async def test_a_body_that_does_not_tell_its_length_has_the_same_limit(
    bearer: dict[str, str], shout: Tool, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"input": {"text": "'
        yield b"x" * 100
        yield b'"}}'

    async with AsyncClient(transport=ASGITransport(application), base_url="http://testserver") as client:
        answer = await client.post(RUN, content=chunks(), headers={**bearer, "Content-Type": "application/json"})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/tools?search=%00",
        "/api/v1/tools?category=a%00b",
        *(f"/api/v1/tools?{name}=%00" for name in ("tag", "language", "output", "publisher")),
        "/api/v1/tools?search=" + "x" * 201,
        "/api/v1/jobs?tool=%00",
        "/api/v1/jobs?status=%00",
        "/api/v1/jobs?status=sleeping",
        *(
            f"/api/v1/{what}?{query}"
            for what in ("tools", "jobs")
            for query in ("limit=0", "limit=101", "limit=x", "limit=", "limit=1.5", "offset=-1", "offset=" + "9" * 40)
        ),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Client, shout: Tool, address: str) -> None:
    answer = api.get(address)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in address


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/tools/%00",
        "/api/v1/tools/a%00b",
        "/api/v1/tools/%ED%A0%80",
        "/api/v1/tools/../jobs",
        "/api/v1/jobs/%00",
        "/api/v1/jobs/1",
        "/api/v1/jobs/019a0000-0000-7000-8000-00000000000g",
        "/api/v1/jobs/" + "9" * 5000,
        "/api/v1//tools",
    ],
)
def test_an_address_that_makes_no_sense_is_not_found(api: Client, shout: Tool, address: str) -> None:
    answer = api.get(address)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_query_that_is_no_utf_8_finds_nothing(guest: Client, shout: Tool) -> None:
    assert guest.get("/api/v1/tools?search=%ED%A0%80").json()["count"] == 0
