"""Who may call what: keys for programs, the session for a signed-in browser."""

import pytest
from django.test import Client

from gptstore.accounts.keys import create_key, revoke
from gptstore.accounts.models import ApiKey, User
from gptstore.catalog.models import Tool

NOBODY = "00000000-0000-7000-8000-000000000000"
PRIVATE = [
    ("GET", "/api/v1/jobs"),
    ("GET", f"/api/v1/jobs/{NOBODY}"),
    ("GET", f"/api/v1/jobs/{NOBODY}/events"),
    ("POST", f"/api/v1/jobs/{NOBODY}/cancel"),
    ("POST", "/api/v1/tools/shout/jobs"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_without_a_key_there_is_nothing(guest: Client, method: str, path: str) -> None:
    answer = guest.generic(method, path, b"not even JSON", "text/html")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:gptstore:problem:unauthenticated"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer gs_wrong", "Bearer " + "x" * 5000, "Basic YWRhOmI=", "gs_wrong", "Bearer é"],
)
def test_a_wrong_key_is_as_good_as_none(guest: Client, header: str) -> None:
    answer = guest.get("/api/v1/jobs", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_has_no_case(guest: Client, secret: str, scheme: str) -> None:
    assert guest.get("/api/v1/jobs", headers={"Authorization": f"{scheme} {secret}"}).status_code == 200


def test_a_revoked_key_opens_nothing(api: Client) -> None:
    assert api.get("/api/v1/jobs").status_code == 200

    revoke(ApiKey.objects.get())

    assert api.get("/api/v1/jobs").status_code == 401


def test_the_key_of_a_deactivated_person_opens_nothing(api: Client, owner: User) -> None:
    User.objects.update(is_active=False)

    assert api.get("/api/v1/jobs").status_code == 401


def test_a_signed_in_browser_may_read(guest: Client, owner: User) -> None:
    guest.force_login(owner)

    assert guest.get("/api/v1/jobs").status_code == 200


def test_a_signed_in_browser_needs_its_csrf_token_to_change_something(owner: User, shout: Tool) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    body = {"input": {"text": "hello"}}

    refused = browser.post("/api/v1/tools/shout/jobs", body, "application/json")
    browser.get("/api/docs")
    token = browser.cookies["csrftoken"].value
    accepted = browser.post("/api/v1/tools/shout/jobs", body, "application/json", headers={"X-CSRFToken": token})

    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert accepted.status_code == 202


def test_a_program_needs_no_csrf_token(secret: str, shout: Tool) -> None:
    program = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})

    answer = program.post("/api/v1/tools/shout/jobs", {"input": {"text": "hello"}}, "application/json")

    assert answer.status_code == 202


def test_a_wrong_key_is_not_helped_by_a_session(guest: Client, owner: User) -> None:
    guest.force_login(owner)

    assert guest.get("/api/v1/jobs", headers={"Authorization": "Bearer gs_wrong"}).status_code == 401


def test_a_key_wins_over_the_session(guest: Client, owner: User, other: User, shout: Tool) -> None:
    guest.force_login(owner)
    headers = {"Authorization": f"Bearer {create_key(other, 'x')[1]}"}

    guest.post("/api/v1/tools/shout/jobs", {"input": {"text": "x"}}, "application/json", headers=headers)

    assert other.jobs.count() == 1
    assert owner.jobs.count() == 0


def test_the_secret_is_in_no_log_line(
    guest: Client, secret: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")

    guest.get("/api/v1/jobs", headers={"Authorization": f"Bearer {secret}"})
    guest.get("/api/v1/jobs", headers={"Authorization": f"Token {secret}"})
    guest.get("/api/v1/jobs", headers={"Authorization": f"Bearer {secret}x"})

    assert secret not in caplog.text
    assert secret not in "".join(capfd.readouterr())
