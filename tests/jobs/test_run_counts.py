"""Each run is counted once, whatever happens between."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import DailyRuns, Tool
from gptstore.catalog.search.find import find
from gptstore.jobs import run_counts
from gptstore.jobs.lifecycle import delete_owner as deletion
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.lifecycle.retention import delete_old
from gptstore.jobs.models import FINAL, Job, Status
from gptstore.jobs.run_counts import count_some, day_of, keep_run_counts, lock_tools
from harness.rows import make_job as make_job_of
from harness.rows import make_tool, make_user

MakeJob = Callable[..., Job]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a count on a busy machine come to its end."""
    monkeypatch.setattr(run_counts, "MAX_SECONDS", 60)


def counts_of(tool: Tool) -> tuple[int, int]:
    tool.refresh_from_db()
    return tool.runs, tool.runs_week


def days_of(tool: Tool) -> dict[int, int]:
    """Return the kept days by how long ago they were."""
    today = datetime.now(UTC).date()
    return {(today - day).days: runs for day, runs in tool.daily_runs.values_list("day", "runs")}


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_runs_are_counted_once_they_have_ended_however_they_did(make_job: MakeJob, echo: Tool) -> None:
    for status in FINAL:
        make_job(status=status)
    unfinished = [make_job(), make_job(status=Status.RUNNING)]
    keep_run_counts()
    keep_run_counts()
    assert (counts_of(echo), days_of(echo)) == ((3, 3), {0: 3})
    for job in unfinished:
        Job.objects.filter(id=job.id).update(status=Status.FAILED, completed_at=timezone.now())
    keep_run_counts()
    assert (counts_of(echo), days_of(echo)) == ((5, 5), {0: 5})


def test_runs_count_for_the_day_on_which_they_were_submitted(make_job: MakeJob, echo: Tool) -> None:
    for days in (0, 3, 3, 6, 7, 40):
        make_job(status=Status.SUCCEEDED, created_at=days_ago(days))
    keep_run_counts()
    assert (counts_of(echo), days_of(echo)) == ((6, 4), {0: 1, 3: 2, 6: 1})


def test_tools_are_counted_apart(make_job: MakeJob, echo: Tool) -> None:
    other = make_tool("other")
    for tool in (echo, other, other):
        make_job(tool=tool, status=Status.SUCCEEDED)
    keep_run_counts()
    assert (counts_of(echo), counts_of(other)) == ((1, 1), (2, 2))


def test_search_finds_the_tool_that_is_run_more_first(make_job: MakeJob, echo: Tool) -> None:
    other = make_tool("other", title=echo.title, summary=echo.summary)
    assert find(Tool.objects.listed(), echo.title).tools == [other, echo]
    make_job(status=Status.SUCCEEDED)
    keep_run_counts()
    assert find(Tool.objects.listed(), echo.title).tools == [echo, other]


def test_a_day_leaves_the_week_once(make_job: MakeJob, echo: Tool) -> None:
    make_job(status=Status.SUCCEEDED)
    keep_run_counts()
    DailyRuns.objects.create(tool=echo, day=day_of(days_ago(7)), runs=10)
    Tool.objects.filter(id=echo.id).update(runs=11, runs_week=11)
    keep_run_counts()
    keep_run_counts()
    assert (counts_of(echo), days_of(echo)) == ((11, 1), {0: 1})


def test_a_job_that_is_committed_late_counts_although_later_ones_were_counted(make_job: MakeJob, echo: Tool) -> None:
    make_job(status=Status.SUCCEEDED)
    keep_run_counts()
    make_job(id=UUID(int=7 << 76), status=Status.SUCCEEDED)  # its id is older than any other
    keep_run_counts()
    assert counts_of(echo) == (2, 2)


def test_a_crash_in_the_middle_counts_nothing_twice_and_loses_nothing(
    make_job: MakeJob, echo: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_job(status=Status.SUCCEEDED)
    monkeypatch.setattr(run_counts, "MAX_AT_ONCE", 2)
    add, calls = run_counts.add_runs, iter(range(9))

    def add_and_crash(runs: object) -> None:
        add(runs)  # type: ignore[arg-type]
        if next(calls) == 1:
            raise RuntimeError

    monkeypatch.setattr(run_counts, "add_runs", add_and_crash)
    with pytest.raises(RuntimeError):
        keep_run_counts()
    assert counts_of(echo) == (2, 2)
    keep_run_counts()
    assert (counts_of(echo), days_of(echo)) == ((5, 5), {0: 5})


def test_when_they_are_many_the_others_come_next_time(
    make_job: MakeJob, echo: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_counts, "MAX_AT_ONCE", 2)
    for _ in range(3):
        make_job(status=Status.SUCCEEDED)
    keep_run_counts(seconds=0)
    assert counts_of(echo) == (2, 2)
    keep_run_counts(seconds=0)
    assert counts_of(echo) == (3, 3)


@pytest.mark.usefixtures("redis_server")
def test_retention_counts_what_it_deletes(make_job: MakeJob, echo: Tool) -> None:
    make_job(status=Status.SUCCEEDED, created_at=days_ago(3), completed_at=days_ago(3))
    counted = make_job(status=Status.SUCCEEDED, completed_at=days_ago(3))
    count_some(Job.objects.filter(id=counted.id))
    delete_old(1)
    assert not Job.objects.exists()
    assert (counts_of(echo), days_of(echo)) == ((2, 2), {0: 1, 3: 1})


@pytest.mark.usefixtures("redis_server")
def test_an_account_that_is_deleted_takes_no_counts_with_it(make_job: MakeJob, echo: Tool, owner: User) -> None:
    make_job(status=Status.SUCCEEDED)
    make_job()
    delete_owner(owner)
    keep_run_counts()
    assert counts_of(echo) == (2, 2)


@pytest.mark.usefixtures("redis_server")
def test_an_account_is_deleted_although_a_tool_is_not_to_be_counted_for_long(
    make_job: MakeJob, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "COUNT_SECONDS", 0.05)
    monkeypatch.setattr(deletion, "count_some", lambda jobs: 0)
    make_job(status=Status.SUCCEEDED)
    delete_owner(owner)
    assert not User.objects.filter(id=owner.id).exists()


def in_threads(work: Callable[[int], object], numbers: Iterable[int]) -> None:
    def work_and_disconnect(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work_and_disconnect, numbers))


@pytest.mark.django_db(transaction=True)
def test_workers_may_count_at_the_same_time(make_job: MakeJob, echo: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_counts, "MAX_AT_ONCE", 3)
    tools = [echo, make_tool("other"), make_tool("third")]
    for number in range(60):
        make_job(tool=tools[number % 3], status=Status.SUCCEEDED, created_at=days_ago(number % 5))
    in_threads(lambda _: keep_run_counts(), range(4))
    keep_run_counts()
    assert [counts_of(tool) for tool in tools] == [(20, 20)] * 3
    assert [sum(days_of(tool).values()) for tool in tools] == [20] * 3


@pytest.mark.django_db(transaction=True)
def test_neither_a_new_job_waits_for_a_count_nor_a_count_for_who_changes_the_tool(
    make_job: MakeJob, echo: Tool, owner: User
) -> None:
    if connection.vendor == "sqlite":
        return  # it has one lock for all who write
    make_job(status=Status.SUCCEEDED)
    with transaction.atomic():
        assert lock_tools([echo.id]) == {echo.id}
        in_threads(lambda _: make_job_of(owner, echo, Status.SUCCEEDED), [1])
        in_threads(lambda _: keep_run_counts(), [1])
    assert counts_of(echo) == (0, 0)
    keep_run_counts()
    assert counts_of(echo) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_the_migration_counts_what_there_is() -> None:
    try:
        MigrationExecutor(connection).migrate([("jobs", "0014_logprobs")])
        before = MigrationExecutor(connection).loader.project_state([("jobs", "0014_logprobs")]).apps
        owner, echo, other = make_user("ada"), make_tool("echo"), make_tool("other")
        old_job = before.get_model("jobs", "Job")
        for tool, days, ended in [
            (echo, 0, True),
            (echo, 2, True),
            (echo, 9, True),
            (echo, 0, False),
            (other, 1, True),
        ]:
            values = {"input": {}, "output_kind": "text", "created_at": days_ago(days)}
            completed_at = timezone.now() if ended else None
            old_job.objects.create(owner_id=owner.id, tool_id=tool.id, completed_at=completed_at, **values)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert (counts_of(echo), days_of(echo)) == ((3, 2), {0: 1, 2: 1})
    assert counts_of(other) == (1, 1)
    # And what goes on from there counts the one that had not ended
    Job.objects.filter(completed_at=None).update(completed_at=timezone.now())
    keep_run_counts()
    assert counts_of(echo) == (4, 3)
