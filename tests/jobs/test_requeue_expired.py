"""Jobs whose lease ran out: they run again, but not for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from gptstore.jobs import workers
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.states import Requeued
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.workers import WorkerInfo
from harness.redis import RedisServer

MakeJob = Callable[..., Job]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


def beat(name: str, *, seconds_ago: float = 0) -> None:
    workers.beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", ["echo"]))
    Worker.objects.filter(name=name).update(last_seen_at=timezone.now() - timedelta(seconds=seconds_ago))


def running(make_job: MakeJob, worker: str, **values: object) -> Job:
    ended = timezone.now() - timedelta(seconds=1)
    defaults = {"attempt": 1, "started_at": ended, "lease_expires_at": ended}
    return make_job(status=Status.RUNNING, worker=worker, **(defaults | values))


def test_a_job_whose_lease_runs_stays(make_job: MakeJob) -> None:
    job = running(make_job, "w1", lease_expires_at=timezone.now() + timedelta(seconds=5))
    assert states.requeue_expired() == Requeued([], [])
    job.refresh_from_db()
    assert job.status == Status.RUNNING


@pytest.mark.parametrize("values", [{}, {"lease_expires_at": None}], ids=["ran out", "never had one"])
def test_a_job_whose_lease_ran_out_waits_again(make_job: MakeJob, values: dict[str, object]) -> None:
    job = running(make_job, "lost", **values)
    assert states.requeue_expired() == Requeued([job.id], [])
    job.refresh_from_db()
    assert (job.status, job.worker, job.started_at, job.attempt) == (Status.QUEUED, "", None, 1)
    assert job.lease_expires_at is None


def test_a_job_that_lost_three_workers_fails_with_what_it_had_said(make_job: MakeJob) -> None:
    job = running(make_job, "lost", attempt=3)
    publisher = Publisher(job)
    publisher.start()
    publisher.output("a third ", 2)
    publisher.output("of it", 1)
    publisher.flush()
    assert states.requeue_expired() == Requeued([], [job.id])
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "worker_lost")
    assert (job.output, job.completion_tokens) == ("a third of it", 3)
    assert "3 times" in job.error_message
    assert job.completed_at is not None


def test_a_canceled_job_of_a_lost_worker_ends_canceled(make_job: MakeJob) -> None:
    job = running(make_job, "lost", cancel_requested=True)
    assert states.requeue_expired() == Requeued([], [job.id])
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.CANCELED, "")


def test_it_ends_also_while_redis_is_away(make_job: MakeJob, redis_server: RedisServer) -> None:
    job = running(make_job, "lost", attempt=3)
    redis_server.kill()
    assert states.requeue_expired() == Requeued([], [job.id])
    job.refresh_from_db()
    assert (job.status, job.output) == (Status.FAILED, "")


def test_jobs_that_wait_or_have_ended_are_left_alone(make_job: MakeJob) -> None:
    waiting, ended = make_job(), make_job(status=Status.SUCCEEDED, worker="lost")
    assert states.requeue_expired() == Requeued([], [])
    waiting.refresh_from_db()
    ended.refresh_from_db()
    assert (waiting.status, ended.status) == (Status.QUEUED, Status.SUCCEEDED)


def test_a_worker_goes_on_with_what_it_runs_and_with_nothing_else(make_job: MakeJob) -> None:
    runs, forgotten, other = running(make_job, "w1"), running(make_job, "w1"), running(make_job, "w2")
    states.renew("w1", [runs.id, other.id])
    states.requeue_expired()
    for job, status in ((runs, Status.RUNNING), (forgotten, Status.QUEUED), (other, Status.QUEUED)):
        job.refresh_from_db()
        assert job.status == status


def test_a_job_that_has_ended_is_not_gone_on_with(make_job: MakeJob) -> None:
    job = make_job(status=Status.SUCCEEDED, worker="w1")
    states.renew("w1", [job.id])
    job.refresh_from_db()
    assert job.lease_expires_at is None


def test_a_worker_that_leaves_lets_go_of_its_jobs_at_once(make_job: MakeJob) -> None:
    running_on = {"lease_expires_at": timezone.now() + timedelta(seconds=60)}
    mine, others = running(make_job, "w1", **running_on), running(make_job, "w2", **running_on)
    states.expire_leases("w1")
    states.requeue_expired()
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.status, others.status) == (Status.QUEUED, Status.RUNNING)


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


def test_while_redis_is_slow_jobs_to_run_again_come_first_and_the_others_next_time(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given no time beyond one job
    monkeypatch.setattr(states, "MAX_SWEEP_SECONDS", 0)
    canceled = running(make_job, "lost", cancel_requested=True)
    again = running(make_job, "lost")
    assert states.requeue_expired() == Requeued([again.id], [])
    assert states.requeue_expired() == Requeued([], [canceled.id])
