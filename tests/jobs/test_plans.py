"""The queries that every job costs use an index, however many jobs there are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gptstore.catalog.models import Tool
from gptstore.health.checks import oldest_queued_seconds
from gptstore.jobs import load
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.estimate.wait_estimate import take_snapshot
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel_overdue
from gptstore.jobs.lifecycle.move import move_queued
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.lifecycle.queue import next_turn, offers_of
from gptstore.jobs.lifecycle.retention import delete_some
from gptstore.jobs.lifecycle.unservable import UnservableJobs
from gptstore.jobs.load import LoadHistory
from gptstore.jobs.models import ENDED_UNCOUNTED, Job, Status
from gptstore.jobs.run_counts import count_some

pytestmark = pytest.mark.django_db

SCANS = [["SCAN", name] for name in ("jobs_job", "job", "last")]
"""Of the table, under each of its names."""

PARTIAL = (" job_waiting", " job_of_release", " job_uncounted")
"""The indexes that hold few jobs, such as those that wait."""


@pytest.fixture
def running_job(make_job: Callable[..., Job]) -> Job:
    make_job()
    ended = timezone.now() - timedelta(seconds=1)
    return make_job(status=Status.RUNNING, worker="w1", attempt=1, started_at=ended, lease_expires_at=ended)


def full_scans(work: Callable[[], object]) -> list[str]:
    """The statements that read all jobs, with their plans."""
    with CaptureQueriesContext(connection) as captured:
        work()
    statements = [query["sql"] for query in captured if "jobs_job" in query["sql"]]
    assert statements
    return [statement for statement in statements if scans(statement)]


def scans(statement: str) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            steps = [row[3] for row in cursor.fetchall()]
            return any(step.split()[:2] in SCANS and not step.endswith(PARTIAL) for step in steps)
        cursor.execute("SET LOCAL enable_seqscan = off")  # the planner reads all of a table as small as this one
        cursor.execute(f"EXPLAIN {statement}")
        return any("Seq Scan on jobs_job" in row[0] for row in cursor.fetchall())


@pytest.mark.parametrize(
    "work",
    [
        lambda job: states.claim_next("w2", ["echo"]),
        lambda job: states.renew("w1", [job.id]),
        lambda job: states.owned_runs([job.id]),
        lambda job: states.finish(job, Outcome(Status.SUCCEEDED, "text", Usage(1, 1))),
        lambda job: states.requeue(job),
        lambda job: states.cancel_queued(job.id),
        lambda job: states.request_cancel(job.id),
        lambda job: states.requeue_expired(),
        lambda job: states.expire_leases("w1"),
        lambda job: states.count_waiting({"": ["echo"], "a@1": ["echo"]}, 10),
        lambda job: move_queued("a@1"),
        lambda job: cancel_overdue(),
        lambda job: oldest_queued_seconds(),
        lambda job: UnservableJobs().fail_jobs() or states.fail_queued(job.id, ErrorCode.TOOL_MISSING, ""),
        lambda job: delete_some(job.tool_id, 1),
        lambda job: count_some(Job.objects.filter(ENDED_UNCOUNTED).order_by("id")),
        lambda job: take_snapshot(),
        lambda job: LoadHistory().last_hour(),
        lambda job: load.count_failed(),
        lambda job: load.count_queued(),
        lambda job: load.count_running(),
        lambda job: load.oldest_queued(),
    ],
    ids=[
        "claim",
        "renew",
        "look",
        "finish",
        "release",
        "cancel",
        "stop",
        "take_back",
        "expire_leases",
        "waiting",
        "move",
        "overdue",
        "oldest",
        "missing",
        "retention",
        "run_counts",
        "outlook",
        "last_hour",
        "failed",
        "queued",
        "running",
        "oldest_queued",
    ],
)
def test_no_statement_on_the_way_of_a_job_reads_all_jobs(running_job: Job, work: Callable[[Job], object]) -> None:
    assert full_scans(lambda: work(running_job)) == []


def rows_read(work: Callable[[], object]) -> int:
    """Of jobs. With SQLite the steps of its machine, which tell as much."""
    if connection.vendor == "sqlite":
        steps: list[None] = []
        connection.connection.set_progress_handler(lambda: steps.append(None), 1)
        work()
        connection.connection.set_progress_handler(None, 1)
        return len(steps)
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        work()
        cursor.execute("ANALYZE jobs_job")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # which pay with a table as small as this one
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + captured[0]["sql"])
        return sum(map(rows_of_step, cursor.fetchone()[0]))


def rows_of_step(step: dict[str, Any]) -> int:
    step = step.get("Plan", step)
    rows = step["Actual Rows"] + step.get("Rows Removed by Filter", 0) if "Relation Name" in step else 0
    return rows * step["Actual Loops"] + sum(map(rows_of_step, step.get("Plans", [])))


def test_a_claim_costs_the_same_with_many_queued_jobs_of_one_owner(make_job: Callable[..., Job]) -> None:
    # Given a person whose queued jobs are of two tools, both priorities, and two releases
    one = make_job()
    other = Tool.objects.get(id=one.tool_id)
    other.id, other.slug = None, "other"
    other.save()

    def queue(count: int) -> None:
        for tool in (one.tool, other):
            Job.objects.bulk_create(
                Job(owner=one.owner, tool=tool, input={}, batch=number % 2 == 0, release=release)
                for number in range(count)
                for release in ("", "a@1")
            )

    queue(10)
    few = rows_read(lambda: next_turn(offers_of({"": ["echo", "other"], "a@1": ["echo"]})))
    # When these become many more
    queue(1000)
    # Then to find the next one costs what it did
    assert 0 < rows_read(lambda: next_turn(offers_of({"": ["echo", "other"], "a@1": ["echo"]}))) <= few * 1.2


def test_a_claim_costs_the_same_with_many_finished_jobs_and_what_statistics_make_of_them(
    make_job: Callable[..., Job],
) -> None:
    one = make_job()
    few = rows_read(lambda: next_turn(offers_of({"": ["echo"]})))
    # Given many jobs that have ended, and statistics that know of them alone
    done = {"status": Status.SUCCEEDED, "started_at": timezone.now(), "completed_at": timezone.now()}
    Job.objects.bulk_create(Job(owner=one.owner, tool=one.tool, input={}, **done) for _ in range(2000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    # Then to find the next one costs what it did
    assert 0 < rows_read(lambda: next_turn(offers_of({"": ["echo"]}))) <= few * 1.2


@pytest.mark.parametrize("look", [lambda: LoadHistory().last_hour(), load.count_failed], ids=["last_hour", "failed"])
def test_a_look_at_the_load_costs_the_same_with_many_jobs_that_ended_before(
    make_job: Callable[..., Job], look: Callable[[], object]
) -> None:
    one = make_job(status=Status.FAILED)
    few = rows_read(look)
    ended = timezone.now() - timedelta(days=2)
    done = {"status": Status.FAILED, "started_at": ended, "completed_at": ended}
    Job.objects.bulk_create(Job(owner=one.owner, tool=one.tool, input={}, **done) for _ in range(2000))
    assert 0 < rows_read(look) <= few * 1.2


def test_a_full_scan_would_be_seen(running_job: Job) -> None:
    assert full_scans(lambda: list(Job.objects.filter(error_message="x").order_by()))
