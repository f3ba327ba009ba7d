"""What the store has done in the last hour, and what fails, waits and runs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs import load
from gptstore.jobs.database_size import database_size
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.load import LoadHistory
from gptstore.jobs.models import Job, Status
from harness.rows import make_tool

MakeJob = Callable[..., Job]
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The moment of every look: `clock.now`, which a test moves on."""
    clock = SimpleNamespace(moment=timezone.now().replace(second=30))
    monkeypatch.setattr(load, "timezone", SimpleNamespace(now=lambda: clock.moment))
    return clock


@pytest.fixture
def ended(make_job: MakeJob, clock: SimpleNamespace) -> Callable[..., Job]:
    """Makes a job that ended so many minutes ago."""

    def make(minutes: int, status: Status = Status.SUCCEEDED, **values: object) -> Job:
        return make_job(status=status, completed_at=clock.moment - MINUTE * minutes, **values)

    return make


def test_each_minute_has_the_jobs_that_ended_in_it_and_their_tokens(
    ended: Callable[..., Job], make_job: MakeJob, clock: SimpleNamespace
) -> None:
    ended(0, completion_tokens=5)
    ended(0, Status.FAILED, completion_tokens=2)
    ended(59, Status.CANCELED, completion_tokens=1)
    ended(60), make_job(), make_job(status=Status.RUNNING)
    hour = LoadHistory().last_hour()
    assert [(hour.index(one), one.succeeded, one.failed, one.canceled, one.tokens) for one in hour if one.jobs] == [
        (0, 0, 0, 1, 1),
        (59, 1, 1, 0, 7),
    ]
    assert [one.at for one in hour] == [minute_of(clock.moment) - MINUTE * ago for ago in reversed(range(60))]


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def test_a_job_that_ends_by_the_clock_of_the_database_is_in_its_minute(make_job: MakeJob) -> None:
    job = make_job(status=Status.RUNNING)
    states.finish(job, Outcome(Status.SUCCEEDED, "done", Usage(3, 4)))
    job.refresh_from_db()
    assert job.completed_at is not None
    found = [one for one in LoadHistory().last_hour() if one.jobs]
    assert [(one.at, one.tokens) for one in found] == [(minute_of(job.completed_at), 4)]


def test_a_minute_that_is_over_is_read_once(ended: Callable[..., Job], clock: SimpleNamespace) -> None:
    history = LoadHistory()
    ended(3), ended(1), ended(0)
    assert sum(one.jobs for one in history.last_hour()) == 3
    # When jobs end, one of them in a minute that was over for more than a minute
    ended(3), ended(1), ended(0)
    # Then the settled minute stays as it was, and the others are read again
    assert [one.jobs for one in history.last_hour()][-4:] == [1, 0, 2, 2]
    # And the hour moves on
    clock.moment += 2 * MINUTE
    assert [one.jobs for one in history.last_hour()][-6:] == [1, 0, 2, 2, 0, 0]
    clock.moment += 60 * MINUTE
    assert sum(one.jobs for one in history.last_hour()) == 0


def test_failures_of_a_day_are_counted_by_tool_most_first(make_job: MakeJob, echo: Tool) -> None:
    other = make_tool("other")
    make_job(status=Status.FAILED)
    make_job(status=Status.FAILED, tool=other), make_job(status=Status.FAILED, tool=other)
    make_job(status=Status.FAILED, completed_at=timezone.now() - timedelta(hours=25))
    make_job(status=Status.SUCCEEDED)
    failed = load.count_failed()
    assert list(failed.tools.items()) == [(other.pk, 2), (echo.pk, 1)]
    assert (failed.total, failed.is_whole) == (3, True)


def test_no_more_are_counted_than_the_maximum(
    make_job: MakeJob, echo: Tool, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MAX_COUNTED", 3)
    for _ in range(3):
        make_job()
    assert (load.count_queued().total, load.count_queued().is_whole) == (3, True)
    make_job(), make_job()
    assert (load.count_queued().total, load.count_queued().is_whole) == (3, False)


def test_the_oldest_queued_job_tells_its_age(make_job: MakeJob) -> None:
    assert load.oldest_queued() is None
    make_job(), make_job(created_at=timezone.now() - 5 * MINUTE)
    oldest = load.oldest_queued()
    assert oldest is not None
    assert 5 * MINUTE <= oldest < 6 * MINUTE


def test_running_jobs_are_counted_by_worker(make_job: MakeJob) -> None:
    make_job(), make_job(status=Status.SUCCEEDED)
    for worker in ("w1", "w1", "w2"):
        make_job(status=Status.RUNNING, worker=worker)
    assert load.count_running() == {"w1": 2, "w2": 1}


def test_the_database_tells_its_size() -> None:
    assert database_size().bytes > 100_000


def test_an_empty_table_is_estimated_as_empty() -> None:
    assert database_size().jobs == 0
