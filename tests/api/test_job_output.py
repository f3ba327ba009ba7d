"""`GET /api/v1/jobs/{id}/output`: the output of a job as a file, with its media type."""

import json

import pytest
from django.test import Client

from gptstore.accounts.models import User
from gptstore.jobs.models import Status
from harness.rows import make_job, make_tool, make_user

pytestmark = pytest.mark.usefixtures("redis_server")
TABLE = '["name","n"]\n["=1+1",1]\n["é",null]\n'
FILE = '{"name":"page.html","type":"text/html","size":8,"data":"PHNjcmlwdD4="}'


@pytest.mark.parametrize(
    ("kind", "output", "query", "content", "media_type"),
    [
        ("text", "é\n", "", "é\n", "text/plain"),
        ("markdown", "# é", "?format=json", "# é", "text/markdown"),
        ("json", "{}", "", "{}", "application/json"),
        ("code", "<b>", "", "<b>", "text/plain"),
        ("table", TABLE, "", "name,n\r\n'=1+1,1\r\né,\r\n", "text/csv"),
        ("table", TABLE, "?format=csv", "name,n\r\n'=1+1,1\r\né,\r\n", "text/csv"),
        ("file", FILE, "", "<script>", "text/html"),
    ],
)
def test_each_kind_has_its_media_type_and_is_an_attachment(
    api: Client, owner: User, kind: str, output: str, query: str, content: str, media_type: str
) -> None:
    job = make_job(owner, make_tool(kind, output=kind), Status.SUCCEEDED, output=output)

    response = api.get(f"/api/v1/jobs/{job.id}/output{query}")

    assert (response.status_code, response.content.decode()) == (200, content)
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_table_as_json_has_all_as_it_is(api: Client, owner: User) -> None:
    job = make_job(owner, make_tool(output="table"), Status.CANCELED, output=TABLE)

    response = api.get(f"/api/v1/jobs/{job.id}/output?format=json")

    assert json.loads(response.content) == [{"name": "=1+1", "n": 1}, {"name": "é", "n": None}]
    assert response["Content-Type"] == "application/json; charset=utf-8"


def test_the_job_says_its_kind_and_where_its_output_is(api: Client, owner: User) -> None:
    job = make_job(owner, make_tool(output="table"), Status.SUCCEEDED, output=TABLE)

    answer = api.get(f"/api/v1/jobs/{job.id}").json()

    assert (answer["output_kind"], answer["output"]) == ("table", TABLE)
    assert answer["urls"]["output"] == f"http://testserver/api/v1/jobs/{job.id}/output"


@pytest.mark.parametrize(
    ("status", "output", "detail"),
    [
        (Status.RUNNING, "", "The job has not ended; follow its events."),
        (Status.CANCELED, FILE[:-9], "The job has ended without a whole file."),
    ],
)
def test_what_is_not_there_is_404(api: Client, owner: User, status: Status, output: str, detail: str) -> None:
    job = make_job(owner, make_tool(output="file"), status, output=output)

    response = api.get(f"/api/v1/jobs/{job.id}/output")

    assert (response.status_code, response.json()["detail"]) == (404, detail)


def test_another_format_is_refused_and_the_job_of_another_is_not_there(api: Client, owner: User) -> None:
    shout = make_tool(output="table")
    mine, other = make_job(owner, shout, Status.SUCCEEDED), make_job(make_user("bob"), shout, Status.SUCCEEDED)

    assert api.get(f"/api/v1/jobs/{mine.id}/output?format=xml").status_code == 422
    assert api.get(f"/api/v1/jobs/{other.id}/output").status_code == 404
