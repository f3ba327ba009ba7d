"""Jobs that ended long ago are deleted, if the operator says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import stream_key
from gptstore.jobs.lifecycle import retention
from gptstore.jobs.lifecycle.retention import delete_old
from gptstore.jobs.models import FINAL, Job, Status
from harness.redis import RedisServer

MakeJob = Callable[..., Job]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a deletion on a busy machine come to its end."""
    monkeypatch.setattr(retention, "MAX_SECONDS", 60)


def days_ago(days: float) -> object:
    return timezone.now() - timedelta(days=days)


def there() -> set[Job]:
    return set(Job.objects.all())


def test_jobs_that_ended_before_are_deleted_however_they_ended(make_job: MakeJob) -> None:
    for status in FINAL:
        make_job(status=status, created_at=days_ago(40), completed_at=days_ago(30.1))
    recent = [make_job(status=status, created_at=days_ago(40), completed_at=days_ago(29.9)) for status in FINAL]
    delete_old(30)
    assert there() == set(recent)


def test_jobs_that_have_not_ended_stay_however_old(make_job: MakeJob) -> None:
    jobs = {
        make_job(created_at=days_ago(90)),
        make_job(status=Status.RUNNING, created_at=days_ago(90), started_at=days_ago(90)),
    }
    delete_old(1)
    assert there() == jobs


def test_the_jobs_of_every_tool_are_looked_at(make_job: MakeJob, echo: Tool) -> None:
    other = Tool.objects.get(id=echo.id)
    other.id, other.slug = None, "other"
    other.save()
    for tool in (echo, other):
        make_job(tool=tool, status=Status.FAILED, completed_at=days_ago(2))
    delete_old(1)
    assert there() == set()


def test_their_events_go_with_them(make_job: MakeJob, redis_server: RedisServer) -> None:
    old, recent = (make_job(status=Status.SUCCEEDED, completed_at=days_ago(days)) for days in (2, 0.5))
    for job in (old, recent):
        redis_server.client.xadd(stream_key(job.id), {"event": "finished"})
    delete_old(1)
    assert redis_server.client.keys() == [stream_key(recent.id)]


def test_it_works_without_redis(make_job: MakeJob, redis_server: RedisServer) -> None:
    make_job(status=Status.SUCCEEDED, completed_at=days_ago(2))
    redis_server.kill()
    delete_old(1)
    assert there() == set()


def test_many_are_deleted_in_small_batches(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MAX_AT_ONCE", 2)
    monkeypatch.setattr(retention, "MAX_SECONDS", 3600)
    for _ in range(5):
        make_job(status=Status.SUCCEEDED, completed_at=days_ago(2))
    delete_old(1)
    assert there() == set()


def test_while_it_is_slow_the_others_come_next_time(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MAX_AT_ONCE", 2)
    monkeypatch.setattr(retention, "MAX_SECONDS", 0)
    oldest = [make_job(status=Status.SUCCEEDED, completed_at=days_ago(9 - number)) for number in range(5)]
    delete_old(1)
    assert there() == set(oldest[2:])
    delete_old(1)
    assert there() == set(oldest[4:])


@pytest.mark.django_db(transaction=True)
def test_workers_may_delete_at_the_same_time(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MAX_AT_ONCE", 3)
    monkeypatch.setattr(retention, "MAX_SECONDS", 3600)
    for _ in range(40):
        make_job(status=Status.SUCCEEDED, completed_at=days_ago(2))

    def delete(_: int) -> None:
        try:
            delete_old(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(delete, range(4)))
    assert there() == set()
