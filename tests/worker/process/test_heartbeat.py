"""What a worker's heartbeat does beside its jobs, with and without Redis and the database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections
from django.db.models.functions import Now
from django.utils import timezone

from gptstore.accounts import sessions
from gptstore.accounts.models import User
from gptstore.jobs import workers
from gptstore.jobs.counts import TURN_KEY
from gptstore.jobs.events.events import CANCEL_CHANNEL
from gptstore.jobs.lifecycle import states, unservable
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.sender import sender
from harness.rows import make_job, make_tool
from harness.waiting import wait_until
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.jobs.run import Run
from worker.jobs.run_end import EndReason
from worker.process import heartbeat as pulse_module
from worker.process.heartbeat import Heartbeat

Open = Callable[..., Workshop]
QUEUE = "gptstore"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(workshop: Open) -> Workshop:
    return workshop(tools.echo)


@pytest.fixture
def still(here: Workshop) -> Heartbeat:
    """A pulse that only does what the test says."""
    return Heartbeat(here.node, slots=2)


@pytest.fixture
def beating(here: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heartbeat]:
    """A pulse in its thread, quicker than usual."""
    monkeypatch.setattr(pulse_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(pulse_module, "BEAT_SECONDS", 0.2)
    pulse = Heartbeat(here.node, slots=2)
    run = pulse.run

    def run_and_disconnect() -> None:
        try:
            run()
        finally:
            connections.close_all()

    monkeypatch.setattr(pulse, "run", run_and_disconnect)
    pulse.start()
    yield pulse
    pulse.end()


def begin(here: Workshop) -> Run:
    """A job that the node runs, as far as the pulse can see."""
    run = here.begin(tools.echo)
    here.node.runs[run.key] = run
    return run


def rings(here: Workshop) -> int:
    """How many messages lie in the queue, once all are sent."""
    sender().wanted.join()
    return here.redis.client.llen(QUEUE)


def test_a_worker_is_known_before_it_can_claim_anything(beating: Heartbeat) -> None:
    (worker,) = workers.fleet()
    assert (worker.name, worker.model, worker.demo, worker.tools) == ("w1", "scripted", True, ["echo"])


def test_it_keeps_saying_that_it_lives(beating: Heartbeat) -> None:
    Worker.objects.update(last_seen_at=timezone.now() - timedelta(seconds=40))
    wait_until(workers.fleet, "a worker in the fleet")


def test_a_worker_that_ends_says_so(beating: Heartbeat) -> None:
    beating.end()
    assert not Worker.objects.exists()
    assert not beating.is_alive()


def test_a_message_stops_the_run_that_it_names(
    here: Workshop, beating: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two runs, and a database that says nothing
    monkeypatch.setattr(beating, "look", lambda: None)
    first, second = begin(here), begin(here)
    # When the first is canceled
    wait_until(lambda: here.redis.client.pubsub_numsub(CANCEL_CHANNEL)[0][1] == 1, "a subscriber to cancels")
    cancel(first.job)
    # Then it stops, and only it
    wait_until(lambda: first.stopped, "the run's stop")
    assert not second.stopped


def test_without_redis_a_cancel_is_heard_from_the_database(here: Workshop, beating: Heartbeat) -> None:
    first, second = begin(here), begin(here)
    here.redis.kill()
    cancel(first.job)
    wait_until(lambda: first.stopped, "the run's stop")
    assert (first.end.reason is EndReason.JOB_LOST, second.stopped) == (False, False)


def test_after_redis_came_back_messages_are_heard_again(
    here: Workshop, beating: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beating, "look", lambda: None)
    run = begin(here)
    here.redis.kill()
    here.redis.start()
    wait_until(lambda: here.redis.client.pubsub_numsub(CANCEL_CHANNEL)[0][1] == 1, "a subscriber to cancels")
    cancel(run.job)
    wait_until(lambda: run.stopped, "the run's stop")


@pytest.mark.parametrize("message", [b"nonsense", b"\xff\xfe", b""])
def test_a_message_that_is_none_does_not_end_it(here: Workshop, beating: Heartbeat, message: bytes) -> None:
    run = begin(here)
    wait_until(lambda: here.redis.client.pubsub_numsub(CANCEL_CHANNEL)[0][1] == 1, "a subscriber to cancels")
    here.redis.client.publish(CANCEL_CHANNEL, message)
    wait_until(lambda: here.redis.client.pubsub_numsub(CANCEL_CHANNEL)[0][1] == 1, "a subscriber to cancels")
    cancel(run.job)
    wait_until(lambda: run.stopped, "the run's stop")
    assert beating.is_alive()


@pytest.mark.parametrize("error", [DatabaseError("away"), RuntimeError("a fault")])
def test_nothing_ends_it(here: Workshop, beating: Heartbeat, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    failed: list[object] = []

    def fail(*_: object) -> None:
        failed.append(1)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(workers, "beat", fail)
        wait_until(lambda: len(failed) > 1, "a second failure")
    Worker.objects.all().delete()
    wait_until(workers.fleet, "a worker in the fleet")


def test_a_run_whose_job_was_taken_away_is_stopped_as_lost(here: Workshop, still: Heartbeat) -> None:
    run, other = begin(here), begin(here)
    states.requeue(run.job)
    still.look()
    assert (run.stopped, (run.end.reason is EndReason.JOB_LOST), other.stopped) == (True, True, False)


def test_a_run_whose_job_has_a_later_attempt_is_stopped_as_lost(here: Workshop, still: Heartbeat) -> None:
    run = begin(here)
    states.requeue(run.job)
    assert states.claim_next("w2", ["echo"])
    still.look()
    assert (run.stopped, (run.end.reason is EndReason.JOB_LOST)) == (True, True)


def test_jobs_that_nobody_heard_of_are_rung_for_but_not_more_than_fit(here: Workshop, still: Heartbeat) -> None:
    for _ in range(5):
        here.submit(tools.echo)
    still.beat()
    assert rings(here) == 0, "they were made just now: their own ring may still be on its way"
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    still.beat()
    assert rings(here) == 2


def test_a_busy_worker_rings_for_nobody(here: Workshop, still: Heartbeat) -> None:
    begin(here), begin(here)
    here.submit(tools.echo)
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    still.beat()
    assert rings(here) == 0


def test_it_rings_for_jobs_of_its_own_tools_alone(here: Workshop, still: Heartbeat) -> None:
    here.submit(tools.twice)
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    still.beat()
    assert rings(here) == 0


def test_it_says_how_many_jobs_it_runs_at_a_time(here: Workshop, still: Heartbeat) -> None:
    still.beat()
    assert [worker.slots for worker in workers.fleet()] == [2]


@pytest.mark.parametrize(("days", "left"), [(None, 1), (1, 0)])
def test_from_time_to_time_it_deletes_what_was_kept_long_enough(
    here: Workshop, still: Heartbeat, settings: Any, days: int | None, left: int
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"keep_jobs_days": days})
    job = here.run(tools.echo)
    Job.objects.filter(id=job.id).update(completed_at=timezone.now() - timedelta(days=2))
    still.take_care()
    assert Job.objects.count() == 1, "there is no hurry"
    still.tidy_at = 0
    still.take_care()
    assert Job.objects.count() == left
    assert still.tidy_at > 0


def test_from_time_to_time_it_ends_jobs_that_no_worker_can_run(
    here: Workshop, still: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unservable, "PATIENCE", timedelta(microseconds=1))
    mine, nobodys = here.submit(tools.echo), here.submit(tools.twice)
    for _ in range(2):
        still.tidy_at = 0
        still.take_care()
    mine.refresh_from_db()
    nobodys.refresh_from_db()
    assert (mine.status, nobodys.status, nobodys.error_code) == (Status.QUEUED, Status.FAILED, "tool_missing")


LONG_AGO = timezone.now() - timedelta(days=1)


def lose(job: Job, **values: object) -> None:
    Job.objects.filter(id=job.id).update(worker="gone", lease_expires_at=LONG_AGO, **values)


def make_steady(pulse: Heartbeat) -> None:
    pulse.beat()
    pulse.steady_at = 0


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def test_jobs_of_lost_workers_are_taken_back_and_their_readers_are_told(here: Workshop, still: Heartbeat) -> None:
    again, over = here.begin(tools.echo).job, here.begin(tools.echo).job
    lose(again)
    lose(over, attempt=3)
    make_steady(still)
    still.sweep()
    assert (status_of(again), status_of(over)) == (Status.QUEUED, Status.FAILED)
    sender().wanted.join()
    assert [event.name for event in here.events(over)] == ["finished"]
    assert here.events(again) == []


def test_a_job_that_is_taken_back_is_rung_for_at_once(here: Workshop, still: Heartbeat) -> None:
    begin(here), begin(here)
    lose(here.begin(tools.echo).job)
    make_steady(still)
    still.sweep()
    assert rings(here) == 1, "another worker may be free, though this one is not"


def test_after_a_gap_the_others_are_given_time_to_be_heard_of(here: Workshop, still: Heartbeat) -> None:
    # Given a worker that could not beat for long, as when the database was away for everybody
    job = here.begin(tools.echo).job
    lose(job)
    make_steady(still)
    still.last_beat -= 60
    # When it has not beaten again yet, or only just now
    still.sweep()
    still.beat()
    still.sweep()
    # Then it judges nobody
    assert status_of(job) == Status.RUNNING
    # And when the others had time for a beat of their own it does
    still.steady_at -= pulse_module.BEAT_SECONDS
    still.sweep()
    assert status_of(job) == Status.QUEUED


def test_a_worker_looks_for_lost_jobs_more_often_than_it_beats(here: Workshop, still: Heartbeat) -> None:
    still.take_care()
    still.steady_at = 0
    job = here.begin(tools.echo).job
    lose(job)
    still.take_care()
    assert status_of(job) == Status.QUEUED


def test_a_job_that_the_worker_forgot_is_taken_back(here: Workshop, still: Heartbeat) -> None:
    run, forgotten = begin(here), here.begin(tools.echo)
    Job.objects.update(lease_expires_at=LONG_AGO)
    make_steady(still)
    still.sweep()
    assert (status_of(run.job), status_of(forgotten.job)) == (Status.RUNNING, Status.QUEUED)


def test_a_redis_that_hangs_does_not_cost_the_worker_its_own_jobs(here: Workshop, still: Heartbeat) -> None:
    # Given a running job, jobs that wait for a ring, and lost ones whose output is to be read, while Redis hangs
    run = begin(here)
    still.slots = 21
    waiting, lost = [here.submit(tools.echo) for _ in range(20)], [here.begin(tools.echo).job for _ in range(3)]
    Job.objects.filter(id__in=[job.id for job in waiting]).update(created_at=LONG_AGO)
    for job in lost:
        lose(job, cancel_requested=True)
    make_steady(still)
    here.redis.freeze()
    try:
        # When the heartbeat has taken care of them
        still.beat_at = 0
        still.take_care()
    finally:
        here.redis.thaw()
    # Then the lease of the running job has not expired in the meantime
    assert Job.objects.filter(id=run.job.id, lease_expires_at__gt=Now()).exists()


def test_leases_are_renewed_between_its_chores(
    here: Workshop, still: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(pulse_module, "BEAT_SECONDS", 0)
    monkeypatch.setattr(pulse_module, "cancel_overdue", lambda: done.append("cancel"))
    for chore in ("look", "beat", "sweep", "roll_out"):
        monkeypatch.setattr(still, chore, partial(done.append, chore))
    still.take_care()
    assert done == ["look", "beat", "sweep", "beat", "roll_out", "beat", "cancel", "beat", "beat"]


def test_from_time_to_time_it_deletes_expired_sessions(
    here: Workshop, still: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_AT_ONCE", 2)
    for number in range(5):
        Session.objects.create(session_key=f"old{number}", session_data="", expire_date=LONG_AGO)
    Session.objects.create(session_key="new", session_data="", expire_date=timezone.now() + timedelta(days=1))
    still.tidy()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_from_time_to_time_one_worker_of_the_fleet_keeps_the_numbers_of_the_catalogue(
    here: Workshop, still: Heartbeat, owner: User
) -> None:
    tool = make_tool("echo")
    make_job(owner, tool, Status.SUCCEEDED)
    still.tidy()
    make_job(owner, tool, Status.SUCCEEDED)
    still.tidy()  # another worker did so just now
    tool.refresh_from_db()
    assert (tool.runs, tool.runs_week, tool.category.public_tools) == (1, 1, 1)
    here.redis.client.delete(TURN_KEY)
    still.tidy()
    tool.refresh_from_db()
    assert tool.runs == 2
