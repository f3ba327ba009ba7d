"""Jobs of a tool that no worker has: they wait for one, but not for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from gptstore.catalog.models import Tool
from gptstore.jobs import workers
from gptstore.jobs.events.events import stream_key
from gptstore.jobs.lifecycle import unservable
from gptstore.jobs.lifecycle.unservable import PATIENCE, UnservableJobs
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.sender import sender
from gptstore.jobs.workers import WorkerInfo
from harness.redis import RedisServer

MakeJob = Callable[..., Job]
MINUTE = 60.0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


class Clock:
    """The sweeper's own; the database has another."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(unservable, "time", clock)
    return clock


@pytest.fixture
def sweep(clock: Clock) -> Callable[[float], None]:
    """Look every half minute for so many minutes."""
    tools = UnservableJobs()

    def look(minutes: float) -> None:
        tools.fail_jobs()
        for _ in range(int(minutes * 2)):
            clock.now += MINUTE / 2
            tools.fail_jobs()

    return look


@pytest.fixture
def old(make_job: MakeJob) -> Job:
    return make_job(created_at=timezone.now() - PATIENCE - timedelta(seconds=1))


def alive(*tools: str, name: str = "w1") -> None:
    workers.beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", list(tools)))


def status(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def test_a_job_fails_when_no_worker_had_its_tool_for_long(
    old: Job, sweep: Callable[[float], None], redis_server: RedisServer
) -> None:
    alive("other")
    sweep(9.5)
    assert status(old) == Status.QUEUED
    sweep(1)
    assert status(old) == Status.FAILED
    assert (old.error_code, old.attempt, old.completed_at is not None) == ("tool_missing", 0, True)
    sender().wanted.join()
    ((_id, fields),) = redis_server.client.xrange(stream_key(old.id))
    assert fields["event"] == "finished"


def test_a_job_that_came_lately_has_the_same_patience(make_job: MakeJob, sweep: Callable[[float], None]) -> None:
    young = make_job(created_at=timezone.now() - PATIENCE + timedelta(minutes=1))
    alive("other")
    sweep(20)
    assert status(young) == Status.QUEUED


def test_a_tool_that_any_worker_has_is_waited_for(old: Job, sweep: Callable[[float], None]) -> None:
    alive("other")
    alive("echo", name="busy")
    sweep(20)
    assert status(old) == Status.QUEUED


def test_while_no_worker_lives_nothing_is_known(old: Job, sweep: Callable[[float], None]) -> None:
    sweep(20)
    assert status(old) == Status.QUEUED


def test_workers_that_are_started_again_have_time_to_come_back(old: Job, sweep: Callable[[float], None]) -> None:
    # Given a worker with the tool and one without
    alive("other")
    alive("echo", name="leaves")
    sweep(20)
    # When the first one is away for some minutes
    workers.leave("leaves")
    sweep(9)
    # Then its jobs wait for it
    assert status(old) == Status.QUEUED
    alive("echo", name="comes")
    sweep(1)
    Worker.objects.filter(name="comes").delete()
    sweep(9)
    assert status(old) == Status.QUEUED


def test_after_a_gap_the_patience_begins_anew(old: Job, sweep: Callable[[float], None], clock: Clock) -> None:
    alive("other")
    sweep(9)
    clock.now += 60 * MINUTE
    sweep(9)
    assert status(old) == Status.QUEUED


def test_a_tool_that_left_the_catalogue_is_missing_too(old: Job, echo: Tool, sweep: Callable[[float], None]) -> None:
    Tool.objects.update(installed=False)
    alive("other")
    sweep(11)
    assert status(old) == Status.FAILED


def test_what_runs_or_has_ended_stays(make_job: MakeJob, sweep: Callable[[float], None]) -> None:
    long_ago = timezone.now() - 2 * PATIENCE
    running = make_job(status=Status.RUNNING, created_at=long_ago, started_at=long_ago)
    ended = make_job(status=Status.SUCCEEDED, created_at=long_ago, started_at=long_ago, completed_at=long_ago)
    alive("other")
    sweep(11)
    assert (status(running), status(ended)) == (Status.RUNNING, Status.SUCCEEDED)
