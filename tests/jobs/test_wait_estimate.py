"""When a queued run starts, as its owner is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs import workers
from gptstore.jobs.drain import drain
from gptstore.jobs.estimate import queue_positions, wait_estimate
from gptstore.jobs.estimate.wait_estimate import Expectation, estimator
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import WorkerInfo
from harness.rows import make_user

MakeJob = Callable[..., Job]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shout(echo: Tool) -> Tool:
    shout = Tool.objects.get(id=echo.id)
    shout.id, shout.slug = None, "shout"
    shout.save()
    return shout


@pytest.fixture
def others(db: None) -> list[User]:
    return [make_user(f"other-{number}") for number in range(3)]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment of every look of the test."""
    moment = timezone.now()
    monkeypatch.setattr(wait_estimate, "timezone", SimpleNamespace(now=lambda: moment))
    return moment


@pytest.fixture
def run(make_job: MakeJob, now: datetime) -> Callable[..., Job]:
    """A job that runs for so many seconds, or ended so."""

    def make(seconds: float, status: Status = Status.RUNNING, **values: Any) -> Job:
        times = {"started_at": now - timedelta(seconds=seconds)}
        if status != Status.RUNNING:
            times["completed_at"] = now
        return make_job(status=status, **({"worker": "w1", "attempt": 1} | times | values))

    return make


def alive(name: str = "w1", slots: int = 1, tools: tuple[str, ...] = ("echo", "shout")) -> None:
    workers.beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", list(tools), slots))


def look_again(job: Job) -> Expectation:
    estimator.forget()
    return expected(job)


def expected(job: Job) -> Expectation:
    found = estimator.expect(job)
    assert found is not None
    return found


def position(job: Job) -> int | None:
    return look_again(job).position


def seconds(job: Job) -> float | None:
    return look_again(job).seconds


@pytest.mark.parametrize("seed", range(5))
def test_positions_are_the_order_in_which_jobs_are_claimed(
    make_job: MakeJob, owner: User, others: list[User], echo: Tool, shout: Tool, seed: int
) -> None:
    # Given a queue of several people, tools and priorities, of whom some have jobs that run
    random = Random(seed)
    for _ in range(30):
        who, tool, batch = random.choice([owner, *others]), random.choice([echo, shout]), random.random() < 0.4
        make_job(owner=who, tool=tool, batch=batch)
        if random.random() < 0.2:
            assert states.claim_next("w1", ["echo", "shout"])
    waiting = list(Job.objects.filter(status=Status.QUEUED))
    told = sorted(waiting, key=lambda job: (position(job) or 0, job.id))
    assert [position(job) for job in told] == list(range(1, len(told) + 1))
    # When they are claimed one after the other, and none ends
    claimed = [states.claim_next("w1", ["echo", "shout"]) for _ in waiting]
    # Then it is in this order
    assert [job and job.id for job in claimed] == [job.id for job in told]


def test_a_single_run_is_not_behind_the_many_of_another(make_job: MakeJob, others: list[User]) -> None:
    many = [make_job() for _ in range(20)]
    single = make_job(owner=others[0])
    assert (position(single), position(many[-1])) == (2, 21)


def test_no_run_is_expected_to_start_on_a_drained_worker(make_job: MakeJob, run: Callable[..., Job]) -> None:
    alive()
    run(10, Status.SUCCEEDED)
    job = make_job()
    assert seconds(job) == 0
    drain("w1", None)
    assert (seconds(job), position(job), look_again(job).able) == (None, 1, True)
    alive("w2")
    assert seconds(job) == 0


def test_what_is_not_queued_has_no_place(make_job: MakeJob) -> None:
    assert [estimator.expect(make_job(status=status)) for status in Status if status != Status.QUEUED] == [None] * 4


def test_who_comes_after_the_look_has_the_place_that_a_new_look_finds(
    make_job: MakeJob, others: list[User], run: Callable[..., Job]
) -> None:
    alive()
    run(5, owner=others[0])
    for _ in range(3):
        make_job(), make_job(batch=True), make_job(owner=others[0])
    estimator.snapshot()
    for values in (
        {},
        {"batch": True},
        {"owner": others[0]},
        {"owner": others[1]},
        {"owner": others[2], "batch": True},
    ):
        job = make_job(**values)
        assert expected(job).position == position(job), values
        job.delete()
        estimator.forget()
        estimator.snapshot()


def test_who_come_after_the_look_stand_behind_each_other(make_job: MakeJob, run: Callable[..., Job]) -> None:
    alive()
    run(10, Status.SUCCEEDED)
    run(4)
    estimator.snapshot()
    jobs = [make_job() for _ in range(3)]
    batch, ahead = make_job(batch=True), make_job()
    told = [expected(job) for job in [*jobs, batch, ahead, batch]]
    assert [each.position for each in told] == [1, 2, 3, 4, 4, 5]
    assert [each.seconds for each in told] == pytest.approx([6, 16, 26, 36, 36, 46])


def test_many_who_ask_cost_one_look(make_job: MakeJob, django_assert_num_queries: Any) -> None:
    jobs = [make_job() for _ in range(3)]
    estimator.snapshot()
    with django_assert_num_queries(0):
        assert [expected(job).position for job in jobs] == [1, 2, 3]


def test_a_look_is_soon_repeated_but_less_often_when_it_takes_long(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

    clock, looks = Clock(), []

    def look(takes: float) -> Any:
        looks.append(clock.now)
        clock.now += takes
        return object()

    monkeypatch.setattr(wait_estimate, "time", clock)
    for takes, pause in ((0.001, 1.0), (0.5, 10.0)):
        monkeypatch.setattr(wait_estimate, "take_snapshot", lambda takes=takes: look(takes))
        estimator.forget()
        first = estimator.snapshot()
        clock.now += pause - 0.01
        assert estimator.snapshot() is first
        clock.now += 0.02
        assert estimator.snapshot() is not first
    assert len(looks) == 4


def test_the_end_of_a_line_that_is_too_long_is_not_known(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    alive()
    monkeypatch.setattr(queue_positions, "MAX_POSITIONS", 2)
    jobs = [make_job() for _ in range(3)]
    assert [position(job) for job in jobs] == [1, 2, None]
    assert seconds(jobs[-1]) is None


def test_with_a_free_place_a_run_starts_at_once(make_job: MakeJob, run: Callable[..., Job]) -> None:
    alive(slots=3)
    run(5)
    first, second, third = make_job(), make_job(), make_job()
    assert (seconds(first), seconds(second), seconds(third)) == (0, 0, None)


def test_a_run_starts_when_those_before_it_have_ended(make_job: MakeJob, run: Callable[..., Job]) -> None:
    # Given runs that took 10 seconds lately, and a full worker, whose runs have 6 and 2 seconds left
    alive(slots=2)
    for took in (8, 12):
        run(took, Status.SUCCEEDED)
    run(4), run(8)
    waiting = [make_job() for _ in range(4)]
    # Then each that waits gets the place that is free next
    assert [seconds(job) for job in waiting] == pytest.approx([2, 6, 12, 16])


def test_each_tool_has_its_own_pace(make_job: MakeJob, run: Callable[..., Job], echo: Tool, shout: Tool) -> None:
    alive()
    run(100, Status.SUCCEEDED, tool=shout)
    run(4, Status.FAILED)
    run(3)
    slow, quick = make_job(tool=shout), make_job()
    assert [seconds(slow), seconds(quick)] == pytest.approx([1, 101])


def test_runs_of_a_tool_without_a_pace_count_as_the_others(
    make_job: MakeJob, run: Callable[..., Job], shout: Tool
) -> None:
    alive()
    run(20, Status.CANCELED)
    run(5, tool=shout)
    assert seconds(make_job()) == pytest.approx(15)


def test_a_run_that_takes_longer_than_others_is_about_to_end(make_job: MakeJob, run: Callable[..., Job]) -> None:
    alive()
    run(5, Status.SUCCEEDED)
    run(60)
    assert seconds(make_job()) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"completed_at": timezone.now() - timedelta(days=2)},
        {"started_at": None, "status": Status.CANCELED},
        {"status": Status.QUEUED, "completed_at": None, "started_at": None, "batch": True},
    ],
    ids=["long ago", "never started", "no run at all"],
)
def test_without_recent_runs_the_time_is_not_known(
    make_job: MakeJob, run: Callable[..., Job], values: dict[str, Any]
) -> None:
    alive()
    run(5, **({"status": Status.SUCCEEDED} | values))
    run(5)
    assert look_again(make_job()) == Expectation(1, None, workers=True, able=True)


def test_without_workers_the_time_is_not_known(make_job: MakeJob, run: Callable[..., Job]) -> None:
    run(5, Status.SUCCEEDED)
    assert look_again(make_job()) == Expectation(1, None, workers=False, able=False)


def test_without_a_worker_that_has_the_tool_the_time_is_not_known(make_job: MakeJob, shout: Tool) -> None:
    alive(tools=("echo",))
    loud, quiet = make_job(tool=shout), make_job()
    assert look_again(loud) == Expectation(1, None, workers=True, able=False)
    assert look_again(quiet) == Expectation(2, 0, workers=True, able=True)


def test_a_run_waits_for_a_worker_that_has_its_tool(make_job: MakeJob, run: Callable[..., Job], shout: Tool) -> None:
    alive("w1", slots=1, tools=("shout",))
    alive("w2", slots=5, tools=("echo",))
    run(10, Status.SUCCEEDED, tool=shout)
    run(4, tool=shout, worker="w1")
    assert seconds(make_job(tool=shout)) == pytest.approx(6)
    assert seconds(make_job()) == 0


def test_what_a_lost_worker_ran_takes_no_place(make_job: MakeJob, run: Callable[..., Job]) -> None:
    alive("w2")
    run(5, worker="gone")
    assert seconds(make_job()) == 0
