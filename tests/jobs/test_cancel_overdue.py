"""Jobs that have a time to be canceled by."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import stream_key
from gptstore.jobs.lifecycle import cancel as cancel_module
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel_overdue
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.redis import RedisServer

MakeJob = Callable[..., Job]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def make_overdue(make_job: MakeJob) -> MakeJob:
    def make(**values: Any) -> Job:
        return make_job(cancel_after=timezone.now() - timedelta(seconds=1), **values)

    return make


def test_the_time_is_kept_with_the_job(owner: User, echo: Tool) -> None:
    job = submit(owner, echo, {"text": "a"}, timedelta(minutes=10))
    job.refresh_from_db()
    assert job.cancel_after is not None
    assert abs(job.cancel_after - job.created_at - timedelta(minutes=10)) < timedelta(minutes=1)
    assert submit(owner, echo, {"text": "a"}).cancel_after is None


def test_a_queued_job_ends_and_its_readers_hear_of_it(
    make_overdue: MakeJob, redis_server: RedisServer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = make_overdue()
    with django_capture_on_commit_callbacks(execute=True):
        cancel_overdue()
    job.refresh_from_db()
    assert (job.status, job.completed_at is not None) == (Status.CANCELED, True)
    ((_id, fields),) = redis_server.client.xrange(stream_key(job.id))
    assert fields["event"] == "finished"


def test_a_running_job_is_asked_to_stop_once(make_overdue: MakeJob, django_assert_num_queries: Any) -> None:
    job = make_overdue(status=Status.RUNNING, worker="w1")
    cancel_overdue()
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (Status.RUNNING, True)
    with django_assert_num_queries(1):
        cancel_overdue()


def test_a_job_whose_time_has_passed_is_not_started(make_overdue: MakeJob, make_job: MakeJob) -> None:
    overdue = make_overdue()
    assert states.claim_next("w1", ["echo"]) is None
    later = make_job(cancel_after=timezone.now() + timedelta(minutes=5))
    claimed = states.claim_next("w1", ["echo"])
    assert claimed is not None
    assert claimed.id == later.id
    cancel_overdue()
    overdue.refresh_from_db()
    assert overdue.status == Status.CANCELED


@pytest.mark.parametrize("left", [None, timedelta(minutes=5)])
@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_other_jobs_go_on(
    make_job: MakeJob, django_assert_num_queries: Any, status: Status, left: timedelta | None
) -> None:
    job = make_job(status=status, cancel_after=left and timezone.now() + left)
    with django_assert_num_queries(1):
        cancel_overdue()
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (status, False)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELED])
def test_a_job_that_has_ended_stays_as_it_is(
    make_overdue: MakeJob, django_assert_num_queries: Any, status: Status
) -> None:
    job = make_overdue(status=status, output="kept")
    with django_assert_num_queries(1):
        cancel_overdue()
    job.refresh_from_db()
    assert (job.status, job.output, job.cancel_requested) == (status, "kept", False)


def count_canceled() -> int:
    return Job.objects.filter(status=Status.CANCELED).count()


def test_of_many_a_part_is_canceled_and_the_others_next_time(
    make_overdue: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancel_module, "MAX_AT_ONCE", 2)
    monkeypatch.setattr(cancel_module, "MAX_SECONDS", 3600)
    for _ in range(3):
        make_overdue()
    cancel_overdue()
    assert count_canceled() == 2
    cancel_overdue()
    assert count_canceled() == 3


def test_while_it_is_slow_it_stops_soon(make_overdue: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel_module, "MAX_SECONDS", 0)
    make_overdue(), make_overdue()
    cancel_overdue()
    assert count_canceled() == 1


def test_it_works_without_redis(make_overdue: MakeJob, redis_server: RedisServer) -> None:
    make_overdue()
    redis_server.kill()
    cancel_overdue()
    assert count_canceled() == 1
