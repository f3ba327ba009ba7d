"""Runs with files in lists and on their pages: by name and size, and without reading what is large."""

from base64 import b64encode
from typing import Any

import pytest
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.listing import MAX_INPUT_CHARACTERS, with_excerpts
from gptstore.jobs.models import Job, Status
from harness.rows import make_job, make_tool

pytestmark = pytest.mark.django_db
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"paper": {"title": "Paper", "x-file": "document", "oneOf": []}},
    "required": ["paper"],
    "additionalProperties": False,
}


@pytest.fixture
def reader(db: None) -> Tool:
    return make_tool("reader", input_schema=SCHEMA)


def paper(size: int) -> dict[str, Any]:
    return {"paper": {"name": "report.pdf", "data": b64encode(b"secret" * (size // 6)).decode()}}


def test_a_run_is_known_by_its_file(client: Client, ada: User, reader: Tool) -> None:
    job = make_job(ada, reader, Status.SUCCEEDED, input=paper(600))
    client.force_login(ada)

    for address in ("/runs/", "/tools/reader/", job.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "report.pdf" in page
        assert job.input["paper"]["data"][:20] not in page
    assert "report.pdf (600" in client.get(job.get_absolute_url()).content.decode()


def test_a_list_does_not_read_a_large_file(ada: User, reader: Tool) -> None:
    large, small = (make_job(ada, reader, input=paper(size)) for size in (MAX_INPUT_CHARACTERS, 60))

    found = {job.id: job for job in with_excerpts(Job.objects.all())}

    assert found[large.id].short_input is None  # type: ignore[attr-defined]
    assert found[small.id].short_input == small.input  # type: ignore[attr-defined]
    assert all({"input", "logprobs"} <= job.get_deferred_fields() for job in found.values())
