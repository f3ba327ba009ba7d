"""A job as programs see it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from gptstore.jobs import workers
from gptstore.jobs.estimate import wait_estimate
from gptstore.jobs.models import Job, Status
from gptstore.jobs.wire.serialize import job_json
from gptstore.jobs.workers import WorkerInfo

MakeJob = Callable[..., Job]
NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_a_queued_job_has_its_addresses_and_nothing_else_yet(make_job: MakeJob) -> None:
    job = make_job(created_at=NOON)
    told = job_json(job, "https://store.example")
    assert (told["id"], told["status"], told["tool"], told["tool_version"]) == (str(job.id), "queued", "echo", "1.0")
    assert told["input"] == {"text": "hello"}
    assert (told["output"], told["error"], told["started_at"], told["completed_at"]) == (None, None, None, None)
    assert told["created_at"] == "2026-01-02T12:00:00.250Z"
    assert told["metrics"] == {"queued_seconds": None, "run_seconds": None, "tokens_per_second": None}
    assert told["urls"] == {
        "get": f"https://store.example/api/v1/jobs/{job.id}",
        "cancel": f"https://store.example/api/v1/jobs/{job.id}/cancel",
        "events": f"https://store.example/api/v1/jobs/{job.id}/events",
        "output": f"https://store.example/api/v1/jobs/{job.id}/output",
        "web": f"https://store.example/runs/{job.id}/",
    }


def test_a_queued_job_tells_its_place_and_when_it_may_start(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker with one place, whose run has six and a half seconds to go
    workers.beat(WorkerInfo("w1", "m", True, 1, 1024, "cpu", ["echo"], slots=1))
    now = timezone.now()
    monkeypatch.setattr(wait_estimate, "timezone", SimpleNamespace(now=lambda: now))
    make_job(status=Status.SUCCEEDED, started_at=now - timedelta(seconds=10), completed_at=now)
    make_job(status=Status.RUNNING, worker="w1", started_at=now - timedelta(seconds=3.5))
    first, second = make_job(), make_job(batch=True)
    # Then those that wait are told so, in whole seconds
    assert job_json(first, "")["queue"] == {"position": 1, "estimated_start_seconds": 7}
    assert job_json(second, "")["queue"] == {"position": 2, "estimated_start_seconds": 17}
    assert [job_json(job, "")["priority"] for job in (first, second)] == ["interactive", "batch"]


def test_what_is_not_known_of_the_queue_is_null(make_job: MakeJob) -> None:
    assert job_json(make_job(), "")["queue"] == {"position": 1, "estimated_start_seconds": None}


@pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
def test_a_job_that_is_not_queued_has_no_place(make_job: MakeJob, status: Status) -> None:
    assert job_json(make_job(status=status), "")["queue"] is None


def test_a_job_that_succeeded_tells_output_usage_and_times(make_job: MakeJob) -> None:
    job = make_job(
        status=Status.SUCCEEDED,
        output="汉字",
        prompt_tokens=7,
        completion_tokens=10,
        created_at=NOON,
        started_at=NOON + timedelta(seconds=1.5),
        completed_at=NOON + timedelta(seconds=5.5),
    )
    told = job_json(job, "")
    assert told["output"] == "汉字"
    assert told["usage"] == {"prompt_tokens": 7, "completion_tokens": 10}
    assert told["metrics"] == {"queued_seconds": 1.5, "run_seconds": 4.0, "tokens_per_second": 2.5}
    assert told["completed_at"] == "2026-01-02T12:00:05.750Z"


def test_a_job_that_failed_tells_why_and_what_it_had(make_job: MakeJob) -> None:
    job = make_job(status=Status.FAILED, output="half", error_code="tool_error", error_message="Too long.")
    told = job_json(job, "")
    assert told["error"] == {"code": "tool_error", "message": "Too long."}
    assert told["output"] == "half"


def test_a_running_job_has_no_output_yet_but_its_time_runs(make_job: MakeJob) -> None:
    told = job_json(make_job(status=Status.RUNNING, attempt=1, started_at=NOON), "")
    assert told["output"] is None
    assert told["metrics"]["run_seconds"] > 0
    assert told["metrics"]["tokens_per_second"] is None


def test_clocks_that_disagree_give_no_negative_time(make_job: MakeJob) -> None:
    job = make_job(created_at=NOON, started_at=NOON - timedelta(seconds=1))
    assert job_json(job, "")["metrics"]["queued_seconds"] == 0.0


def test_a_job_that_ended_at_once_has_no_rate(make_job: MakeJob) -> None:
    job = make_job(status=Status.SUCCEEDED, completion_tokens=3, started_at=NOON, completed_at=NOON)
    assert job.tokens_per_second is None
