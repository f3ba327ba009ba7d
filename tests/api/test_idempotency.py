"""`Idempotency-Key`: a request that may be sent again."""

from typing import Any

import pytest
from django.test import Client

from gptstore.catalog.models import Category, Tool
from gptstore.jobs.models import Job
from tests.api.acting_worker import ActingWorker

RUN = "/api/v1/tools/shout/jobs"
BODY = {"input": {"text": "hello"}}

pytestmark = pytest.mark.usefixtures("redis_server", "shout")


def post(api: Client, body: object = BODY, key: str = "key-1", path: str = RUN, **headers: str) -> Any:
    return api.post(path, body, "application/json", headers={"Idempotency-Key": key, **headers})


def test_the_same_request_again_is_answered_with_the_same_job(api: Client) -> None:
    first, again = post(api), post(api)

    assert (first.status_code, again.status_code) == (202, 202)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert again.json() == first.json()
    assert Job.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, {"Prefer": "wait=60"}])
def test_a_job_that_has_ended_meanwhile_is_answered_at_once(
    api: Client, worker: ActingWorker, headers: dict[str, str]
) -> None:
    post(api)
    worker.run("HELLO")

    again = post(api, **headers)

    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert (again.json()["status"], again.json()["output"]) == ("succeeded", "HELLO")


def test_another_input_with_the_same_key_is_refused(api: Client) -> None:
    post(api)

    answer = post(api, {"input": {"text": "bye"}})

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:gptstore:problem:idempotency-conflict"
    assert "new key" in answer.json()["detail"]
    assert Job.objects.count() == 1


def test_the_default_priority_may_be_named_and_another_one_is_another_request(api: Client) -> None:
    post(api)

    assert post(api, BODY | {"priority": "interactive"})["Idempotency-Replayed"] == "true"
    answer = post(api, BODY | {"priority": "batch"})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:gptstore:problem:idempotency-conflict")
    assert Job.objects.get().batch is False


def test_another_tool_with_the_same_key_is_refused(api: Client, shout: Tool, writing: Category) -> None:
    post(api)
    shout.pk, shout.slug = None, "cry"
    shout.save(force_insert=True)

    answer = post(api, path="/api/v1/tools/cry/jobs")

    assert answer.json()["type"] == "urn:gptstore:problem:idempotency-conflict"


def test_a_corrected_request_may_use_the_key_again(api: Client) -> None:
    assert post(api, {"input": {}}).status_code == 422

    answer = post(api)

    assert answer.status_code == 202
    assert "Idempotency-Replayed" not in answer


def test_the_key_of_somebody_else_is_another(api: Client, api_of_other: Client) -> None:
    mine, theirs = post(api), post(api_of_other)

    assert theirs.status_code == 202
    assert "Idempotency-Replayed" not in theirs
    assert mine.json()["id"] != theirs.json()["id"]


@pytest.mark.parametrize("key", ["k", "k" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~ !"])
def test_a_key_is_any_printable_ascii(api: Client, key: str) -> None:
    assert post(api, key=key).status_code == 202
    assert post(api, key=key)["Idempotency-Replayed"] == "true"
    assert Job.objects.get().idempotency_key == key


@pytest.mark.parametrize("key", ["", "k" * 256, "clé", "键", "a\tb", "a\x7fb", "a\0b"])
def test_other_keys_are_refused_with_what_to_send(api: Client, key: str) -> None:
    answer = post(api, key=key)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error == {
        "field": "Idempotency-Key",
        "message": "Send 1 to 255 printable ASCII characters, such as a new UUID.",
        "code": "idempotency_key",
    }
    assert not Job.objects.exists()
