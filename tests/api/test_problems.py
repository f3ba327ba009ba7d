"""Every error below /api/ is a problem, whoever answers; and the methods that no operation names."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from redis import RedisError

from gptstore.api.rest import handlers, tools
from gptstore.api.rest.errors import Kind
from gptstore.catalog.models import Tool


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/tools",
        "/api/v1/nothing",
        "/api/v1/tools/",
        "/api/v1/jobs/",
        "/api/docs/x",
    ],
)
def test_an_unknown_address_is_a_problem(guest: Client, path: str) -> None:
    answer = guest.get(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:gptstore:problem:not-found",
        "title": "There is nothing at this address",
        "status": 404,
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/tools", "GET, HEAD, OPTIONS"),
        ("POST", "/api/v1/tools/shout", "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/tools/shout/jobs", "OPTIONS, POST"),
        ("HEAD", "/api/v1/tools/shout/jobs", "OPTIONS, POST"),
        ("PUT", "/api/v1/jobs", "GET, HEAD, OPTIONS"),
        ("POST", "/api/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(api: Client, shout: Tool, method: str, path: str, allowed: str) -> None:
    answer = api.generic(method, path)

    assert answer.status_code == 405
    assert answer["Allow"] == allowed
    assert answer["Content-Type"] == "application/problem+json"


def test_options_tells_the_methods(guest: Client, shout: Tool) -> None:
    answer = guest.options("/api/v1/tools/shout/jobs")

    assert (answer.status_code, answer["Allow"], answer.content) == (204, "OPTIONS, POST", b"")


def test_head_has_what_get_has_but_no_body(guest: Client, shout: Tool) -> None:
    get, head = guest.get("/api/v1/tools/shout"), guest.head("/api/v1/tools/shout")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers == get.headers


def test_a_wrong_host_is_a_problem(guest: Client, db: None) -> None:
    answer = guest.get("/api/v1/tools", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_pages_keep_their_own_errors(guest: Client, db: None) -> None:
    assert guest.get("/nothing/")["Content-Type"].startswith("text/html")


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the list of tools raise this exception."""

    def breaks_with(error: Exception) -> None:
        def fail(*args: object, **options: object) -> None:
            raise error

        monkeypatch.setattr(tools, "find", fail)

    return breaks_with


def test_a_fault_of_ours_says_nothing_to_the_caller_and_all_to_the_log(
    shout: Tool, breaking: Any, caplog: pytest.LogCaptureFixture
) -> None:
    breaking(ZeroDivisionError("the password is swordfish"))

    answer = Client(raise_request_exception=False).get("/api/v1/tools?search=x")

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert b"swordfish" not in answer.content
    assert "api_request_failed" in caplog.text


@pytest.mark.parametrize("error", [OperationalError("the database is away"), RedisError("Redis is away")])
def test_while_something_is_away_the_caller_is_told_to_come_back(
    guest: Client, shout: Tool, breaking: Any, error: Exception
) -> None:
    breaking(error)

    answer = guest.get("/api/v1/tools?search=x")

    assert answer.status_code == 503
    assert answer["Retry-After"] == str(handlers.RETRY_SECONDS)
    assert answer.json()["type"] == "urn:gptstore:problem:unavailable"


def test_answers_are_never_cached_for_somebody_else(api: Client, shout: Tool) -> None:
    for path in ("/api/v1/tools", "/api/v1/jobs", "/api/v1/nothing"):
        answer = api.get(path)
        assert answer["Cache-Control"] == "no-store"
        assert {"Authorization", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, Kind.NOT_FOUND), (418, Kind.BAD_REQUEST), (502, Kind.INTERNAL_ERROR), (503, Kind.UNAVAILABLE)],
)
def test_every_status_has_a_kind(status: int, kind: Kind) -> None:
    assert Kind.of_status(status) is kind
