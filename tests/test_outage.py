"""What readers and programs get, and what the log says, while the database is away."""

import logging
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.test import AsyncClient, Client

SIGNED_IN = {"sessionid": "x" * 32}
IN_CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}
REFUSED = 'connection to "/secret/place" failed:\n\tIs the server running?'

Broken = Callable[[Exception], None]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    """Lets every use of the database raise this error."""

    def break_with(error: Exception) -> None:
        def fail(*_: object, **__: object) -> NoReturn:
            raise error

        for name in ("cursor", "ensure_connection"):
            monkeypatch.setattr(BaseDatabaseWrapper, name, fail)

    return break_with


@pytest.fixture
def reader() -> Client:
    client = Client(raise_request_exception=False)
    client.cookies.load(SIGNED_IN)
    return client


@pytest.fixture(params=[OperationalError, InterfaceError])
def away(request: pytest.FixtureRequest, broken: Broken) -> None:
    broken(request.param(REFUSED))


@pytest.mark.usefixtures("away")
class TestPages:
    @pytest.mark.parametrize("address", ["/", "/tools/shout/", "/runs/", "/accounts/login/", "/admin/", "/model/"])
    def test_a_page_says_to_come_back_soon(self, reader: Client, address: str) -> None:
        response = reader.get(address)
        page = response.content.decode()
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert "We will be back in a moment" in page
        assert f'href="{address}"' in page
        assert "/secret/" not in page
        assert "Traceback" not in page
        assert "<script" not in page and " style=" not in page

    def test_in_the_readers_language(self, reader: Client) -> None:
        response = reader.get("/", headers=IN_CHINESE)
        assert '<html lang="zh-hans">' in response.content.decode()
        assert "我们马上回来" in response.content.decode()

    def test_a_form_that_was_sent_leads_to_the_catalogue(self, reader: Client) -> None:
        response = reader.post("/runs/018f3b5e-0000-7000-8000-000000000000/cancel/")
        assert response.status_code == 503
        assert '<a class="button primary" href="/">' in response.content.decode()

    async def test_an_asynchronous_view_says_the_same(self) -> None:
        client = AsyncClient(raise_request_exception=False)
        client.cookies.load(SIGNED_IN)
        response = await client.get("/runs/018f3b5e-0000-7000-8000-000000000000/events/")
        assert (response.status_code, response["Retry-After"]) == (503, "5")

    def test_the_log_has_one_line_and_no_traceback(self, reader: Client, caplog: pytest.LogCaptureFixture) -> None:
        reader.get("/")
        assert [(record.name, record.levelno) for record in caplog.records] == [("gptstore.outage", logging.WARNING)]
        said: Any = caplog.records[0].msg
        assert (said["event"], said["path"]) == ("database_away", "/")
        assert "\n" not in said["error"]


@pytest.mark.usefixtures("away")
class TestPrograms:
    @pytest.mark.parametrize("address", ["/api/v1/tools", "/api/v1/jobs", "/api/v1/model"])
    def test_the_api_answers_with_a_problem(self, reader: Client, address: str) -> None:
        response = reader.get(address)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["type"] == "urn:gptstore:problem:unavailable"

    def test_also_where_a_job_is_posted(self, reader: Client) -> None:
        response = reader.post(
            "/api/v1/tools/shout/jobs",
            {"input": {}},
            content_type="application/json",
            headers={"Authorization": "Bearer gs_" + "x" * 40},
        )
        assert response.status_code == 503
        assert response["Content-Type"] == "application/problem+json"

    def test_the_log_has_one_line_and_no_traceback(self, reader: Client, caplog: pytest.LogCaptureFixture) -> None:
        reader.get("/api/v1/tools")
        assert [(record.name, record.levelno) for record in caplog.records] == [("gptstore.outage", logging.WARNING)]


class Stumbling:
    """Middleware that needs the database."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> NoReturn:
        raise OperationalError(REFUSED)


@pytest.mark.parametrize("place", [0, None], ids=["outermost", "innermost"])
def test_middleware_may_be_what_needs_the_database(reader: Client, settings: LazySettings, place: int | None) -> None:
    middleware = list(settings.MIDDLEWARE)
    middleware.insert(len(middleware) if place is None else place, f"{__name__}.Stumbling")
    settings.MIDDLEWARE = middleware
    assert reader.get("/").status_code == 503


@pytest.mark.parametrize("error", [IntegrityError("twice"), ZeroDivisionError("a fault of ours")])
def test_any_other_error_is_ours_and_the_log_has_all_of_it(
    reader: Client, broken: Broken, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    broken(error)
    response = reader.get("/")
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
    assert any(record.exc_info for record in caplog.records)
