import json

import pytest
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job, Status

RUN = "/api/v1/tools/shout/jobs"


def test_a_run_is_queued_and_its_address_given(api: Client, owner: User, shout: Tool) -> None:
    answer = api.post(RUN, {"input": {"text": "hello"}}, "application/json")

    assert answer.status_code == 202
    job = Job.objects.get()
    assert (job.owner, job.tool, job.status) == (owner, shout, Status.QUEUED)
    assert answer["Location"] == f"http://testserver/api/v1/jobs/{job.id}"
    assert "Preference-Applied" not in answer
    body = answer.json()
    assert body["id"] == str(job.id)
    assert body["status"] == "queued"
    assert body["tool"] == "shout"
    assert body["tool_version"] == "1.2.3"
    assert body["queue"] == {"position": 1, "estimated_start_seconds": None}
    assert body["output"] is body["error"] is body["started_at"] is body["completed_at"] is None


def test_defaults_are_filled_in(api: Client, shout: Tool) -> None:
    answer = api.post(RUN, {"input": {"text": "hello"}}, "application/json")

    assert answer.json()["input"] == {"text": "hello", "times": 1}


@pytest.mark.parametrize(
    ("asked", "priority", "batch"),
    [
        ({}, "interactive", False),
        ({"priority": "interactive"}, "interactive", False),
        ({"priority": "batch"}, "batch", True),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "1"}])
def test_a_run_says_whether_it_lets_others_go_first(
    api: Client, shout: Tool, asked: dict[str, str], priority: str, batch: bool, headers: dict[str, str]
) -> None:
    answer = api.post(RUN, {"input": {"text": "hello"}, **asked}, "application/json", headers=headers)

    assert (answer.status_code, answer.json()["priority"]) == (202, priority)
    assert api.get(f"/api/v1/jobs/{answer.json()['id']}").json()["priority"] == priority
    assert Job.objects.get().batch is batch


def test_another_priority_is_refused(api: Client, shout: Tool) -> None:
    answer = api.post(RUN, {"input": {"text": "hello"}, "priority": "urgent"}, "application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "priority"


def test_the_location_leads_to_the_same_job(api: Client, shout: Tool) -> None:
    answer = api.post(RUN, {"input": {"text": "héllo 世界 🙂"}}, "application/json")

    found = api.get(answer["Location"].removeprefix("http://testserver"))

    assert found.status_code == 200
    assert found.json()["input"] == answer.json()["input"]
    assert found.json()["input"]["text"] == "héllo 世界 🙂"


def test_a_wrong_input_names_every_field(api: Client, shout: Tool) -> None:
    answer = api.post(RUN, {"input": {"text": "", "times": 99}}, "application/json")

    assert answer.status_code == 422
    errors = {error["field"]: error for error in answer.json()["errors"]}
    assert errors["text"] == {
        "field": "text",
        "message": "This field is required.",
        "code": "minLength",
        "pointer": "#/input/text",
    }
    assert errors["times"]["code"] == "maximum"
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"input": {}}, "#/input/text"),
        ({"input": {"text": "x", "volume": 3}}, "#/input/volume"),
        ({"input": {"text": None}}, "#/input/text"),
        ({"input": {"text": ["x"]}}, "#/input/text"),
        ({"input": {"text": "x", "times": True}}, "#/input/times"),
        ({"input": {"text": "x", "times": 10**400}}, "#/input/times"),
        ({"input": {"text": "x", "a/b~c": 1}}, "#/input/a~1b~0c"),
        ({"input": []}, "#/input"),
        ({"input": None}, "#/input"),
        ({"text": "x"}, "#/input"),
        ({"input": {"text": "x"}, "webhok": "y"}, "#/webhok"),
        ([], "#"),
        ("text", "#"),
        (None, "#"),
    ],
)
def test_a_pointer_leads_to_what_is_wrong(api: Client, shout: Tool, body: object, pointer: str) -> None:
    answer = api.post(RUN, json.dumps(body), "application/json")

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert all(error["field"] and error["message"] and error["code"] for error in answer.json()["errors"])
    assert not Job.objects.exists()


def test_an_unknown_tool_is_not_found(api: Client, shout: Tool) -> None:
    answer = api.post("/api/v1/tools/whisper/jobs", {"input": {}}, "application/json")

    assert answer.status_code == 404
    assert "whisper" in answer.json()["detail"]
