"""What every page has in common, and the pages for what went wrong."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from gptstore.web.templatetags.web import as_tokens, short_number
from gptstore.web.views import server_error
from harness.rows import make_tool, make_user

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
DOCS = ["/docs/", "/docs/models/", "/docs/no/"]
GUEST_PAGES = ["/", "/tools/shout/", "/accounts/login/", "/accounts/signup/", "/model/", *DOCS, "/nowhere"]


@pytest.mark.parametrize("address", GUEST_PAGES)
def test_no_page_has_inline_scripts_or_styles(client: Client, address: str) -> None:
    make_tool("shout")
    response = client.get(address)
    page = response.content.decode()
    assert set(response["Content-Security-Policy"].split("; ")) == STRICT
    assert " style=" not in page
    assert "<style" not in page
    assert " on" + "click=" not in page
    assert "http://" not in page.replace("http://testserver", "").replace("http://www.w3.org", "")


def test_only_the_admin_has_a_wider_policy(client: Client) -> None:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    assert "'unsafe-eval'" in client.get("/admin/")["Content-Security-Policy"]
    assert "unsafe" not in client.get("/")["Content-Security-Policy"]


@pytest.mark.parametrize("address", GUEST_PAGES)
def test_every_page_has_one_heading_a_title_and_a_way_to_skip(client: Client, address: str) -> None:
    make_tool("shout")
    page = client.get(address).content.decode()
    assert page.count("<h1") == 1
    assert "<title>" in page
    assert "<title> ·" not in page
    assert '<a class="skip" href="#main">' in page


def test_a_missing_page_shows_the_way_back(client: Client) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_the_page_for_faults_needs_neither_database_nor_session(django_db_blocker: object) -> None:
    with django_db_blocker.block():  # type: ignore[attr-defined]
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


def test_sign_in_leads_back_to_where_it_began(client: Client) -> None:
    assert "/accounts/login/?next=/model/" in client.get("/model/").content.decode()


@pytest.mark.parametrize(
    ("values", "rights", "shown"),
    [
        ({"is_staff": True, "is_superuser": True}, [], True),
        ({"is_staff": True}, ["view_job"], True),
        ({"is_staff": True}, [], False),
        ({"is_staff": True}, ["view_session"], False),  # of a table that the admin does not show
        ({}, ["view_job"], False),
    ],
)
def test_only_those_who_find_something_in_the_admin_see_the_way_to_it(
    client: Client, values: dict[str, bool], rights: list[str], shown: bool
) -> None:
    ada = make_user("ada", **values)
    ada.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(ada)
    assert client.get("/").content.decode().count('href="/admin/"') == (2 if shown else 0)


HEADERS = {"Permissions-Policy", "Cross-Origin-Resource-Policy", "Content-Security-Policy", "X-Content-Type-Options"}


@pytest.mark.parametrize(
    "address",
    ["/", "/docs/", "/nowhere", "/api/v1/tools", "/api/nothing", "/healthz", "/static/web/img/logo.svg", "/admin/"],
)
def test_every_response_says_what_a_browser_may_do_with_it(client: Client, address: str) -> None:
    response = client.get(address)
    assert set(response.headers) >= HEADERS
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(response["Permissions-Policy"].split(", "))


def test_a_fault_has_these_headers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gptstore.health.views.JsonResponse", fail)
    response = Client(raise_request_exception=False).get("/healthz")
    assert response.status_code == 500
    assert set(response.headers) >= HEADERS


def test_sign_out_is_a_form(client: Client) -> None:
    client.force_login(make_user("ada"))
    assert '<form action="/accounts/logout/" method="post">' in client.get("/").content.decode()


def test_sign_up_makes_an_account_and_signs_in(client: Client) -> None:
    password = "horse battery 42"
    client.post("/accounts/signup/", {"username": "eve", "password1": password, "password2": password})
    assert "My runs" in client.get("/").content.decode()


def test_wrong_passwords_are_told_in_the_form(client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "ada", "password": "no"}).content.decode()
    assert 'role="alert"' in page


@pytest.mark.parametrize("address", ["/accounts/password/change/", "/accounts/logout/", "/account/"])
def test_account_pages_are_drawn_in_the_same_frame(client: Client, address: str) -> None:
    client.force_login(make_user("ada"))
    page = client.get(address).content.decode()
    assert 'class="account-nav"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("address", ["catalog/tool/", "catalog/category/", "jobs/job/", "jobs/worker/"])
def test_the_admin_lists_what_there_is(client: Client, address: str) -> None:
    make_tool("shout")
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    assert client.get(f"/admin/{address}").status_code == 200


def test_words_become_tokens_and_stay_text() -> None:
    assert as_tokens("a <b>") == '<span class="token">a</span> <span class="token">&lt;b&gt;</span>'


@pytest.mark.parametrize(
    ("number", "words"), [(12, "12"), (5_120_000, "5.1 million"), (7_000_000_000, "7.0 billion"), (124_439, "124,439")]
)
def test_numbers_are_short(number: int, words: str) -> None:
    assert short_number(number) == words
