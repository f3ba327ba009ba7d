"""Jobs whose worker is gone, or forgot them: they run again, but not for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from gptstore.jobs import states, workers
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.publisher import Publisher
from gptstore.jobs.workers import WorkerInfo
from tests.services.redis import RedisServer

MakeJob = Callable[..., Job]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


def beat(name: str, *, seconds_ago: float = 0) -> None:
    workers.beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", ["echo"]))
    Worker.objects.filter(name=name).update(last_seen_at=timezone.now() - timedelta(seconds=seconds_ago))


def running(make_job: MakeJob, worker: str, **values: object) -> Job:
    started_at = values.pop("started_at", timezone.now())
    return make_job(status=Status.RUNNING, worker=worker, started_at=started_at, **({"attempt": 1} | values))


def test_a_job_of_a_living_worker_stays(make_job: MakeJob) -> None:
    beat("alive", seconds_ago=20)
    job = running(make_job, "alive")
    assert states.take_back_lost() == []
    job.refresh_from_db()
    assert job.status == Status.RUNNING


@pytest.mark.parametrize("known", [True, False])
def test_a_job_of_a_lost_worker_waits_again(make_job: MakeJob, known: bool) -> None:
    if known:
        beat("lost", seconds_ago=40)
    job = running(make_job, "lost")
    assert states.take_back_lost() == []
    job.refresh_from_db()
    assert (job.status, job.worker, job.started_at, job.attempt) == (Status.QUEUED, "", None, 1)


def test_a_job_that_lost_three_workers_fails_with_what_it_had_said(make_job: MakeJob) -> None:
    job = running(make_job, "lost", attempt=3)
    publisher = Publisher(job)
    publisher.start()
    publisher.output("a third ", 2)
    publisher.output("of it", 1)
    assert states.take_back_lost() == [job.id]
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "worker_lost")
    assert (job.output, job.completion_tokens) == ("a third of it", 3)
    assert "3 times" in job.error_message
    assert job.completed_at is not None


def test_a_canceled_job_of_a_lost_worker_ends_canceled(make_job: MakeJob) -> None:
    job = running(make_job, "lost", cancel_requested=True)
    assert states.take_back_lost() == [job.id]
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.CANCELED, "")


def test_it_ends_also_while_redis_is_away(make_job: MakeJob, redis_server: RedisServer) -> None:
    job = running(make_job, "lost", attempt=3)
    redis_server.kill()
    assert states.take_back_lost() == [job.id]
    job.refresh_from_db()
    assert (job.status, job.output) == (Status.FAILED, "")


def test_jobs_that_wait_or_have_ended_are_left_alone(make_job: MakeJob) -> None:
    waiting, ended = make_job(), make_job(status=Status.SUCCEEDED, worker="lost")
    assert states.take_back_lost() == []
    waiting.refresh_from_db()
    ended.refresh_from_db()
    assert (waiting.status, ended.status) == (Status.QUEUED, Status.SUCCEEDED)


LONG_AGO = timedelta(seconds=16)


def test_a_job_that_its_worker_forgot_waits_again(make_job: MakeJob) -> None:
    beat("w1")
    job = running(make_job, "w1", started_at=timezone.now() - LONG_AGO)
    assert states.take_back_orphans("w1", []) == []
    job.refresh_from_db()
    assert job.status == Status.QUEUED


@pytest.mark.parametrize("why", ["it runs", "it began just now", "it is another worker's"])
def test_no_other_job_is_an_orphan(make_job: MakeJob, why: str) -> None:
    job = running(
        make_job,
        "w2" if why == "it is another worker's" else "w1",
        started_at=timezone.now() - (timedelta(0) if why == "it began just now" else LONG_AGO),
    )
    states.take_back_orphans("w1", [job.id] if why == "it runs" else [])
    job.refresh_from_db()
    assert job.status == Status.RUNNING


@pytest.mark.parametrize(
    ("values", "status"), [({"attempt": 3}, Status.FAILED), ({"cancel_requested": True}, Status.CANCELED)]
)
def test_an_orphan_is_not_queued_without_end(make_job: MakeJob, values: dict[str, object], status: Status) -> None:
    job = running(make_job, "w1", started_at=timezone.now() - LONG_AGO, **values)
    assert states.take_back_orphans("w1", []) == [job.id]
    job.refresh_from_db()
    assert job.status == status


def test_a_worker_that_leaves_is_lost_at_once(make_job: MakeJob) -> None:
    beat("w1")
    job = running(make_job, "w1")
    workers.leave("w1")
    states.take_back_lost()
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_the_fleet_is_who_was_heard_of_lately() -> None:
    beat("b", seconds_ago=29)
    beat("a")
    beat("gone", seconds_ago=31)
    assert [worker.name for worker in workers.fleet()] == ["a", "b"]
    shared = workers.shared_model()
    assert shared is not None
    assert (shared.name, shared.demo, shared.context_length, shared.tools) == ("a", True, 1024, ["echo"])


def test_without_workers_there_is_no_model() -> None:
    beat("gone", seconds_ago=31)
    assert workers.fleet() == []
    assert workers.shared_model() is None


def test_a_second_beat_is_the_same_worker() -> None:
    beat("w1", seconds_ago=40)
    workers.beat(WorkerInfo("w1", "other", False, 2, 2048, "cuda", []))
    (worker,) = workers.fleet()
    assert (worker.model, worker.device) == ("other", "cuda")
    assert Worker.objects.count() == 1


def test_workers_gone_for_a_day_are_forgotten() -> None:
    beat("old", seconds_ago=25 * 3600)
    beat("recent", seconds_ago=23 * 3600)
    workers.forget_gone()
    assert [worker.name for worker in Worker.objects.all()] == ["recent"]
