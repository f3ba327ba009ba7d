"""The queries that every job costs use an index, however many jobs there are."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gptstore.jobs import states
from gptstore.jobs.cancel import cancel_overdue
from gptstore.jobs.models import Job, Status

pytestmark = pytest.mark.django_db


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
            return any(step.startswith("SCAN jobs_job") for step in steps)
        cursor.execute("SET LOCAL enable_seqscan = off")  # the planner reads all of a table as small as this one
        cursor.execute(f"EXPLAIN {statement}")
        return any("Seq Scan on jobs_job" in row[0] for row in cursor.fetchall())


@pytest.mark.parametrize(
    "work",
    [
        lambda job: states.claim_next("w2"),
        lambda job: states.renew("w1", [job.id]),
        lambda job: states.owned_runs([job.id]),
        lambda job: states.succeed(job, "text", 1, 1),
        lambda job: states.release(job),
        lambda job: states.cancel_queued(job.id),
        lambda job: states.request_cancel(job.id),
        lambda job: states.take_back_lost(),
        lambda job: states.let_go("w1"),
        lambda job: states.count_waiting(10),
        lambda job: cancel_overdue(),
    ],
    ids=["claim", "renew", "look", "finish", "release", "cancel", "stop", "take_back", "let_go", "waiting", "overdue"],
)
def test_no_statement_on_the_way_of_a_job_reads_all_jobs(running_job: Job, work: Callable[[Job], object]) -> None:
    assert full_scans(lambda: work(running_job)) == []


def test_a_full_scan_would_be_seen(running_job: Job) -> None:
    assert full_scans(lambda: list(Job.objects.filter(error_message="x").order_by()))
