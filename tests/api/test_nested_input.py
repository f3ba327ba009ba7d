"""Inputs of every kind over the API: what is kept, and where an error points to."""

import pytest
from django.test import Client

from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from harness.rows import make_tool
from tests.every_input import every_input

RUN = "/api/v1/tools/every-input/jobs"


@pytest.fixture
def every(db: None) -> Tool:
    return make_tool("every-input", input_schema=every_input.input_schema)


def test_an_input_of_every_kind_is_kept_whole_with_its_defaults(api: Client, every: Tool) -> None:
    given = every_input.examples[0].input

    answer = api.post(RUN, {"input": given}, "application/json")

    assert answer.status_code == 202
    kept = answer.json()["input"]
    assert kept == Job.objects.get().input
    assert kept["to"] == {**given["to"], "country": "it", "since": None}
    assert (kept["days"], kept["sender"], kept["on"]) == (["monday"], None, None)
    assert every_input.check_input(kept)["days"][0].value == "monday"


def test_an_error_within_an_object_points_to_its_field(api: Client, every: Tool) -> None:
    given = {"title": "x", "to": {"street": "y", "city": "", "zip": 1}, "on": "soon"}

    answer = api.post(RUN, {"input": given}, "application/json")

    assert answer.status_code == 422
    assert {error["field"]: error["pointer"] for error in answer.json()["errors"]} == {
        "to.city": "#/input/to/city",
        "to.zip": "#/input/to/zip",
        "on": "#/input/on",
    }
