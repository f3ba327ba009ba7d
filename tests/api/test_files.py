"""Files over the API: in JSON as Base64, and as parts of a form; no answer ever holds their bytes."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from harness.rows import make_tool
from tests.every_input import every_input

RUN = "/api/v1/tools/every-input/jobs"
GIVEN: dict[str, Any] = every_input.examples[0].input
LETTER = {"name": "letter.md", "data": b64encode(b"# Hi!").decode()}


@pytest.fixture
def every(db: None) -> Tool:
    return make_tool("every-input", input_schema=every_input.input_schema)


def letter() -> SimpleUploadedFile:
    return SimpleUploadedFile("letter.md", b"# Hi!", "text/markdown")


def test_a_part_of_a_form_is_the_same_as_base64_in_json(api: Client, every: Tool) -> None:
    as_json = api.post(RUN, {"input": {**GIVEN, "letter": LETTER}}, "application/json")
    as_form = api.post(RUN, {"input": json.dumps(GIVEN), "letter": letter(), "priority": "batch"})

    assert (as_json.status_code, as_form.status_code) == (202, 202)
    first, second = Job.objects.order_by("created_at")
    assert first.input == second.input
    assert first.input["letter"] == LETTER
    assert as_form.json()["priority"] == "batch"


def test_answers_and_lists_name_a_file_and_never_hold_it(api: Client, every: Tool) -> None:
    made = api.post(RUN, {"input": {**GIVEN, "letter": LETTER}}, "application/json")
    answers = [made, api.get(f"/api/v1/jobs/{made.json()['id']}"), api.get("/api/v1/jobs")]

    assert all(LETTER["data"] not in answer.content.decode() for answer in answers)
    assert made.json()["input"]["letter"] == {"name": "letter.md", "size": 5}


def test_a_text_stands_for_a_document_and_for_a_table(api: Client, every: Tool) -> None:
    answer = api.post(RUN, {"input": {**GIVEN, "letter": "Hi!", "prices": "a,b\n1,2"}}, "application/json")

    assert answer.status_code == 202
    assert answer.json()["input"]["letter"] == "Hi!"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"name": "a.md", "data": "!"}, "file"),
        ({"name": "a.exe", "data": ""}, "fileType"),
        (7, "file"),
        ({"name": "a.md", "data": "AAAA" * 2000}, "fileSize"),
        ("a" * 4001, "fileSize"),
    ],
)
def test_what_is_no_file_is_refused_at_its_field(
    api: Client, every: Tool, monkeypatch: pytest.MonkeyPatch, value: object, code: str
) -> None:
    monkeypatch.setattr(settings.ENV, "max_file_bytes", 4000)

    answer = api.post(RUN, {"input": {**GIVEN, "letter": value}}, "application/json")

    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("letter", code)]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"input": "{"}, 400),
        ({"input": "[]"}, 422),
        ({"input": json.dumps({**GIVEN, "letter": "twice"}), "letter": letter()}, 400),
        ({"letter": letter()}, 422),
        ({"input": json.dumps(GIVEN), "other": letter()}, 422),
        ({"input": json.dumps(GIVEN), "other": "text"}, 422),
        ({"input": SimpleUploadedFile("input.json", json.dumps(GIVEN).encode(), "application/json")}, 202),
        ({"input": SimpleUploadedFile("input.json", b"\xff")}, 400),
    ],
)
def test_a_form_is_read_as_strictly_as_json(api: Client, every: Tool, parts: dict[str, Any], status: int) -> None:
    assert api.post(RUN, parts).status_code == status


@pytest.mark.parametrize("body", [b"", b"nonsense", b"--x\r\n\r\n", b"--x--"])
def test_a_broken_form_is_a_clear_error(api: Client, every: Tool, body: bytes) -> None:
    for media_type in ("multipart/form-data; boundary=x", "multipart/form-data"):
        assert api.generic("POST", RUN, body, media_type).status_code in (400, 422)
