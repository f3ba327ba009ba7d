"""Numbers of any length in a request are answered, never an error of ours. Python converts up to 4,300 digits only."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from gptstore.accounts import keys
from gptstore.accounts.models import User
from gptstore.api.rest.http import MAX_WAIT_SECONDS, wait_seconds
from gptstore.jobs.models import Job
from harness.rows import make_job, make_tool, make_user

LONG = ["9" * 5000, "-" + "9" * 5000, "9" * 30, "٣" * 5000, "1e999", "²", "0", "999999999999"]
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": name, "title": name} for name in ("integer", "number", "string")},
    "additionalProperties": False,
}
PLACES = [
    "/?q={}",
    "/?page={}",
    "/tools/count/?example={}",
    "/tools/count/?from={}",
    "/runs/?page={}",
    "/runs/{}/",
    "/docs/?q={}",
    "/account/keys/{}/revoke/",
    "/accounts/confirm-email/{}/",
    "/accounts/password/reset/key/{}-set-password/",
    "/accounts/password/reset/key/1-{}/",
]
API_PLACES = [
    "/api/v1/jobs?limit={}",
    "/api/v1/jobs?offset={}",
    "/api/v1/jobs/{}",
    "/api/v1/tools?limit={}",
    "/api/v1/tools?offset={}",
    "/api/v1/tools/{}",
]

ADMIN_LISTS = ["accounts/user", "jobs/job", "catalog/tool"]
ADMIN_PARAMETERS = ["p", "o", "id", "created_at__year", "created_at__month", "date_joined__year", "tool__id__exact"]
ADMIN_LONG = ["9" * 5000, "9" * 30, "999999999999", "0"]


@pytest.fixture
def job(ada: User) -> Job:
    example = {"title": "One", "input": {"string": "x"}}
    return make_job(ada, make_tool("count", input_schema=SCHEMA, examples=[example]))


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def answers(client: Client, places: list[str], number: str) -> Iterator[tuple[str, int]]:
    for place in places:
        yield place, client.get(place.replace("{}", number)).status_code


@pytest.mark.parametrize("number", LONG, ids=lambda number: f"{number[:4]}-{len(number)}")
def test_pages_take_numbers_of_any_length(browser: Client, job: Job, settings: object, number: str) -> None:
    settings.HAS_MAIL = True  # type: ignore[attr-defined]

    assert [found for found in answers(browser, PLACES, number) if found[1] >= 500] == []
    form = {"integer": number, "number": number, "string": number, "field": number}
    for path in ("/tools/count/", "/tools/count/check/?field=integer", f"/runs/{job.id}/cancel/", "/account/"):
        assert browser.post(path, form).status_code < 500


def test_an_example_has_its_number_and_no_other(browser: Client, job: Job) -> None:
    assert browser.get("/tools/count/?example=1").status_code == 200
    for number in ("0", "2", "-1", "01", "1.0", *LONG):
        assert browser.get("/tools/count/", {"example": number}).status_code == 404


@pytest.mark.parametrize("number", LONG, ids=lambda number: f"{number[:4]}-{len(number)}")
def test_the_api_takes_numbers_of_any_length(client: Client, ada: User, job: Job, number: str) -> None:
    _key, secret = keys.create_key(ada, "laptop")
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    assert [found for found in answers(client, API_PLACES, number) if found[1] >= 500] == []
    for body in (f'{{"input": {{"integer": {number}}}}}', json.dumps({"input": {"integer": number}}), number):
        answer = client.post("/api/v1/tools/count/jobs", body, content_type="application/json")
        assert answer.status_code < 500
    for name in ("Cancel-After", "Idempotency-Key"):
        answer = client.post(
            "/api/v1/tools/count/jobs",
            '{"input": {}}',
            content_type="application/json",
            headers={name: number},
        )
        assert answer.status_code < 500
    assert 0 <= wait_seconds(f"wait={number}") <= MAX_WAIT_SECONDS


@pytest.mark.parametrize("number", ADMIN_LONG, ids=lambda number: f"{number[:4]}-{len(number)}")
@pytest.mark.parametrize("model", ADMIN_LISTS)
def test_the_admin_takes_numbers_of_any_length(admin: Client, job: Job, model: str, number: str) -> None:
    page = f"/admin/{model}/"
    places = [f"{page}?{name}={{}}" for name in ADMIN_PARAMETERS] + [
        f"{page}{{}}/change/",
        f"{page}{{}}/delete/",
        f"{page}{{}}/history/",
    ]

    assert [found for found in answers(admin, places, number) if found[1] >= 500] == []
    for action in ("delete_selected", "cancel_jobs", "revoke_keys"):
        form = {"action": action, "_selected_action": [number], "index": number, "select_across": number}
        assert admin.post(page, form).status_code < 500
    formset = {
        f"form-{name}": number for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MAX_NUM_FORMS", "0-id", "0-position")
    }
    assert admin.post(page, {**formset, "_save": "Save"}).status_code < 500
