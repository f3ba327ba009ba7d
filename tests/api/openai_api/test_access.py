"""Who gets in, and the errors that have no place of their own. tests/integration has the real client."""

import pytest
from django.db import OperationalError
from django.test import Client

from gptstore.accounts.models import User
from gptstore.api.http.body_sizes import max_body_bytes
from gptstore.api.openai import completions
from tests.api.openai_api.calls import CHAT, COMPLETIONS, HELLO, error_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "tools")]


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


@pytest.mark.parametrize("path", [CHAT, COMPLETIONS])
async def test_what_the_tool_takes_is_no_too_large_body(path: str) -> None:
    assert await max_body_bytes(head_of(path), 2_000_000) > 2_000_000
    assert await max_body_bytes(head_of("/v1/models"), 1000) == 1000


def head_of(path: str) -> dict[str, object]:
    return {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}
