"""Reading and canceling jobs, and that nobody reaches those of others."""

from uuid import uuid4

import pytest
from django.test import Client

from gptstore.accounts.models import User
from gptstore.catalog.models import Category, Tool
from gptstore.jobs import listing
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from tests.api.acting_worker import ActingWorker

pytestmark = pytest.mark.usefixtures("redis_server")


def test_jobs_are_listed_newest_first(api: Client, owner: User, shout: Tool) -> None:
    ids = sorted(str(submit(owner, shout, {"text": text}).id) for text in "abc")

    answer = api.get("/api/v1/jobs").json()

    assert answer["count"] == 3
    assert [job["id"] for job in answer["items"]] == ids[::-1]


def test_a_page_of_jobs_is_a_part_and_count_is_the_whole(api: Client, owner: User, shout: Tool) -> None:
    newest_first = sorted((str(submit(owner, shout, {"text": text}).id) for text in "abcde"), reverse=True)

    pages = [api.get(f"/api/v1/jobs?limit=2&offset={offset}").json() for offset in (0, 2, 4, 6)]

    assert [[job["id"] for job in page["items"]] for page in pages] == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
        [],
    ]
    assert {page["count"] for page in pages} == {5}


def test_jobs_are_found_by_status_and_tool(
    api: Client, owner: User, shout: Tool, writing: Category, worker: ActingWorker
) -> None:
    submit(owner, shout, {"text": "first"})
    worker.run("FIRST")
    submit(owner, shout, {"text": "second"})

    def texts(query: str) -> list[str]:
        return [job["input"]["text"] for job in api.get(f"/api/v1/jobs?{query}").json()["items"]]

    assert texts("status=succeeded") == ["first"]
    assert texts("status=queued") == ["second"]
    assert texts("status=failed") == []
    assert texts("tool=shout") == ["second", "first"]
    assert texts("tool=shout&status=queued") == ["second"]
    assert texts("tool=whisper") == []


def test_a_finished_job_has_its_output_usage_and_times(
    api: Client, owner: User, shout: Tool, worker: ActingWorker
) -> None:
    job = submit(owner, shout, {"text": "hello"})
    worker.run("HEL", "LO")

    body = api.get(f"/api/v1/jobs/{job.id}").json()

    assert (body["status"], body["output"], body["error"]) == ("succeeded", "HELLO", None)
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 2}
    assert body["created_at"] <= body["started_at"] <= body["completed_at"]
    assert body["metrics"]["run_seconds"] >= 0
    assert body["urls"] == {
        "get": f"http://testserver/api/v1/jobs/{job.id}",
        "cancel": f"http://testserver/api/v1/jobs/{job.id}/cancel",
        "events": f"http://testserver/api/v1/jobs/{job.id}/events",
        "output": f"http://testserver/api/v1/jobs/{job.id}/output",
        "web": f"http://testserver/runs/{job.id}/",
    }


def test_a_failed_job_says_why(api: Client, owner: User, shout: Tool, worker: ActingWorker) -> None:
    submit(owner, shout, {"text": "hello"})
    job = worker.claim()
    states.finish(job, Outcome(Status.FAILED, "HE", Usage(3, 1), JobError(ErrorCode.TOOL_ERROR, "Too loud.")))

    body = api.get(f"/api/v1/jobs/{job.id}").json()

    assert body["status"] == "failed"
    assert body["error"] == {"code": "tool_error", "message": "Too loud."}
    assert body["output"] == "HE"


def test_a_queued_job_is_canceled_at_once(api: Client, owner: User, shout: Tool) -> None:
    job = submit(owner, shout, {"text": "hello"})

    answer = api.post(f"/api/v1/jobs/{job.id}/cancel")

    assert answer.status_code == 200
    assert answer.json()["status"] == "canceled"
    assert answer.json()["completed_at"]
    assert Job.objects.get().status == Status.CANCELED


def test_a_running_job_is_asked_to_stop(api: Client, owner: User, shout: Tool, worker: ActingWorker) -> None:
    submit(owner, shout, {"text": "hello"})
    job = worker.claim()

    answer = api.post(f"/api/v1/jobs/{job.id}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert Job.objects.get().cancel_requested


def test_to_cancel_twice_or_too_late_changes_nothing(
    api: Client, owner: User, shout: Tool, worker: ActingWorker
) -> None:
    canceled = submit(owner, shout, {"text": "hello"})
    first = api.post(f"/api/v1/jobs/{canceled.id}/cancel").json()
    finished = submit(owner, shout, {"text": "hello"})
    worker.run("HELLO")

    assert api.post(f"/api/v1/jobs/{canceled.id}/cancel").json() == first
    assert api.post(f"/api/v1/jobs/{finished.id}/cancel").json()["status"] == "succeeded"


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("POST", "/cancel"), ("GET", "/events")])
def test_the_job_of_somebody_else_is_not_there(
    api: Client, api_of_other: Client, owner: User, shout: Tool, method: str, end: str
) -> None:
    job = submit(owner, shout, {"text": "hello"})

    theirs = api_of_other.generic(method, f"/api/v1/jobs/{job.id}{end}")
    nobodys = api_of_other.generic(method, f"/api/v1/jobs/{uuid4()}{end}")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert Job.objects.get().status == Status.QUEUED


def test_the_jobs_of_somebody_else_are_not_listed(api_of_other: Client, owner: User, shout: Tool) -> None:
    submit(owner, shout, {"text": "hello"})

    assert api_of_other.get("/api/v1/jobs").json() == {"items": [], "count": 0}


def test_a_staff_member_sees_only_their_own(api_of_other: Client, owner: User, other: User, shout: Tool) -> None:
    User.objects.filter(pk=other.pk).update(is_staff=True, is_superuser=True)
    job = submit(owner, shout, {"text": "hello"})

    assert api_of_other.get(f"/api/v1/jobs/{job.id}").status_code == 404


def test_a_page_of_very_long_jobs_ends_early_and_leads_on(
    api: Client, owner: User, shout: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given five jobs, two of which fit on a page; the oldest is too long for any
    monkeypatch.setattr(listing, "MAX_PAGE_CHARACTERS", 2_100)
    jobs = [submit(owner, shout, {"text": "a"}) for _ in range(5)]
    Job.objects.update(output="x" * 1_000)
    Job.objects.filter(id=jobs[0].id).update(output="x" * 5_000)
    # When a program follows the links
    address, pages = "/api/v1/jobs?tool=shout&limit=4", []
    while address:
        answer = api.get(address)
        pages.append(answer.json())
        address = answer.headers.get("Link", "").removesuffix('>; rel="next"').removeprefix("<http://testserver")
    # Then it gets each job once, and no page is empty
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {page["count"] for page in pages} == {5}
    assert [item["id"] for page in pages for item in page["items"]] == [str(job.id) for job in reversed(jobs)]
