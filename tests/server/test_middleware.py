"""Django's middleware on the event loop: as few threads as that needs, and everything that it does elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from httpx import ASGITransport, AsyncClient

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.asgi import application
from gptstore.catalog.models import Tool
from gptstore.server.middleware import ON_LOOP, Csrf, Messages, Sessions, WebHandler

RUN = "/api/v1/tools/echo/jobs"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of what was handed to a thread."""
    handed: list[str] = []
    hand_over = SyncToAsync.__call__

    async def note(self: Any, *args: Any, **kwargs: Any) -> Any:
        handed.append(getattr(self.func, "__qualname__", type(self.func).__name__))
        return await hand_over(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", note)
    yield handed


def client() -> AsyncClient:
    return AsyncClient(transport=ASGITransport(application), base_url="http://testserver")


@pytest.mark.django_db(transaction=True)
async def test_a_submit_has_threads_for_the_database_alone(owner: User, echo: Tool, threads: list[str]) -> None:
    secret = (await sync_to_async(create_key)(owner, "tests"))[1]
    threads.clear()
    async with client() as http:
        answer = await http.post(RUN, json={"input": {"text": "x"}}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 202
    # Django's own two, at the begin and the end of each request, and two of the API
    assert threads[1:3] == ["ApiKeyAuth", "launch_at_once"]
    assert len(threads) == 4


@pytest.mark.django_db(transaction=True)
async def test_a_form_signs_in_only_with_its_token(owner: User) -> None:
    owner.set_password("correct horse")
    await owner.asave()
    given = {"login": owner.username, "password": "correct horse"}
    async with client() as http:
        assert (await http.post("/accounts/login/", data=given)).status_code == 403
        assert (await http.get("/accounts/login/")).status_code == 200
        token = http.cookies[settings.CSRF_COOKIE_NAME]
        answer = await http.post("/accounts/login/", data={**given, "csrfmiddlewaretoken": token})
        assert answer.status_code == 302
        assert http.cookies[settings.SESSION_COOKIE_NAME]
        page = await http.get("/runs/")
        assert page.status_code == 200
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db(transaction=True)
async def test_a_path_without_its_slash_is_led_to_it() -> None:
    async with client() as http:
        assert (await http.get("/runs")).status_code == 301


def test_what_waits_for_the_database_gets_a_thread(rf: RequestFactory) -> None:
    request: Any = rf.get("/")
    sessions, told = Sessions(HttpResponse), Messages(HttpResponse)
    assert not sessions.waits(request)
    assert not told.waits(request)
    sessions.process_request(request)
    AuthenticationMiddleware(HttpResponse).process_request(request)
    told.process_request(request)
    assert not sessions.waits(request)
    assert not told.waits(request)
    request.session["seen"] = True
    assert sessions.waits(request)
    messages.info(request, "Done.")
    assert told.waits(request)


def test_the_settings_keep_the_names_that_the_checks_of_django_look_for() -> None:
    before = [*settings.MIDDLEWARE]
    WebHandler()
    assert before == settings.MIDDLEWARE
    assert set(ON_LOOP) <= set(before)


def test_without_a_loop_it_is_as_django_has_it() -> None:
    assert "process_view" not in vars(Csrf(lambda request: HttpResponse()))
