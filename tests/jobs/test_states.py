"""The only ways in which a job's status changes, and who may change it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.models import Job, Status
from gptstore.sdk.limits import SECONDS
from harness.rows import make_user

MakeJob = Callable[..., Job]
TOO_LONG = Outcome(Status.FAILED, "", Usage(3, 1), JobError(ErrorCode.TIMEOUT, "Too long."), unless_canceled=True)

pytestmark = pytest.mark.django_db


def claim(worker: str = "w1", tools: Sequence[str] = ("echo",)) -> Job:
    job = states.claim_next(worker, tools)
    assert job is not None
    return job


def test_the_oldest_queued_job_is_claimed_first(make_job: MakeJob) -> None:
    first, second = make_job(), make_job(status=Status.SUCCEEDED)
    third = make_job()
    Job.objects.filter(id=third.id).update(id=max(first.id, second.id, third.id))  # same-millisecond ids have no order
    assert claim().id == min(job.id for job in Job.objects.all() if job.id != second.id)
    assert claim().status == Status.RUNNING
    assert states.claim_next("w1", ["echo"]) is None


def test_the_owner_with_the_fewest_running_jobs_is_next(make_job: MakeJob) -> None:
    # Given somebody who queued many, before another who queued one
    other = make_user("other")
    many = [make_job(str(number)) for number in range(5)]
    single = make_job("single", owner=other)
    # When jobs are claimed one by one
    claimed = [claim().id for _ in range(6)]
    # Then the single one waits for one job, not for five
    assert claimed.index(single.id) == 1
    assert sorted(claimed) == sorted([*(job.id for job in many), single.id])


@pytest.fixture
def shout(echo: Tool) -> Tool:
    shout = Tool.objects.get(id=echo.id)
    shout.id, shout.slug = None, "shout"
    shout.save()
    return shout


def test_a_worker_takes_jobs_of_its_tools_alone(make_job: MakeJob, echo: Tool, shout: Tool) -> None:
    loud, quiet = make_job(tool=shout), make_job(tool=echo)
    assert states.claim_next("w1", []) is None
    assert states.claim_next("w1", ["unknown"]) is None
    assert [claim(tools=["echo", "unknown"]).id, claim(tools=["echo", "shout"]).id] == [quiet.id, loud.id]


def test_of_one_owner_the_oldest_is_next_whatever_its_tool(make_job: MakeJob, echo: Tool, shout: Tool) -> None:
    jobs = sorted((make_job(tool=tool) for tool in (shout, echo, echo, shout, echo)), key=lambda job: job.id)
    assert [claim(tools=["echo", "shout"]).id for _ in jobs] == [job.id for job in jobs]


@pytest.mark.parametrize("same_owner", [True, False])
def test_many_batch_runs_never_delay_an_interactive_one(
    owner: User, echo: Tool, make_job: MakeJob, same_owner: bool
) -> None:
    # Given 1,000 batch runs, of which some run already
    Job.objects.bulk_create(Job(owner=owner, tool=echo, input={}, batch=True) for _ in range(1000))
    assert [claim().batch for _ in range(5)] == [True] * 5
    # When a person waits for a run
    person = owner if same_owner else make_user("other")
    waited_for = make_job(owner=person)
    # Then it is the next
    assert claim().id == waited_for.id
    assert claim().batch


def test_batch_runs_take_turns_among_themselves(make_job: MakeJob) -> None:
    other = make_user("other")
    for _ in range(5):
        make_job(batch=True)
    single = make_job(owner=other, batch=True)
    assert [claim().id for _ in range(3)].index(single.id) == 1


def test_what_runs_counts_and_what_has_ended_does_not(make_job: MakeJob) -> None:
    other = make_user("other")
    for _ in range(3):
        make_job(status=Status.SUCCEEDED)
    make_job(status=Status.RUNNING, owner=other, worker="w1", attempt=1)
    theirs = make_job(owner=other)
    mine = make_job()
    assert [claim().id, claim().id] == [mine.id, theirs.id]


def test_a_claim_is_a_lease(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert job.lease_expires_at is not None
    left = job.lease_expires_at - timezone.now()
    assert timedelta(seconds=5) < left < timedelta(seconds=20)
    assert states.requeue_expired() == states.Requeued([], [])


def test_a_claimed_job_says_who_runs_it_and_since_when(make_job: MakeJob) -> None:
    make_job()
    job = claim("w1")
    assert (job.status, job.attempt, job.worker) == (Status.RUNNING, 1, "w1")
    assert job.started_at is not None
    assert abs(timezone.now() - job.started_at) < timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_threads_never_claim_the_same_job(make_job: MakeJob) -> None:
    # Given more jobs than threads
    made = {make_job(str(number)).id for number in range(40)}

    def take_all(name: str) -> list[Job]:
        taken = []
        try:
            while job := states.claim_next(name, ["echo"]):
                taken.append(job)
        finally:
            connection.close()
        return taken

    # When many threads take until nothing is left
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(take_all, [f"w{number}" for number in range(8)]))
    # Then each job was taken once, by the worker that it names
    taken = [job for jobs in results for job in jobs]
    assert sorted(job.id for job in taken) == sorted(made)
    assert all(job.attempt == 1 for job in taken)
    assert all(job.worker == f"w{number}" for number, jobs in enumerate(results) for job in jobs)


def test_success_keeps_output_and_usage(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert states.finish(job, Outcome(Status.SUCCEEDED, "汉字 😀", Usage(3, 2)))
    job.refresh_from_db()
    assert (job.status, job.output, job.prompt_tokens, job.completion_tokens) == (Status.SUCCEEDED, "汉字 😀", 3, 2)
    assert job.completed_at is not None
    assert job.is_final


def test_failure_keeps_the_partial_output_and_the_reason(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert states.finish(job, Outcome(Status.FAILED, "half", Usage(3, 1), JobError(ErrorCode.TOOL_ERROR, "Too long.")))
    job.refresh_from_db()
    assert (job.status, job.output) == (Status.FAILED, "half")
    assert (job.error_code, job.error_message) == ("tool_error", "Too long.")


def test_a_run_that_lost_its_job_writes_nothing(make_job: MakeJob) -> None:
    # Given a job that was taken back and claimed by another worker
    make_job()
    earlier = claim("w1")
    assert states.requeue(earlier)
    later = claim("w2")
    assert later.attempt == 2
    # When the earlier run ends in any way
    ends = [
        states.finish(earlier, Outcome(Status.SUCCEEDED, "old", Usage(1, 1))),
        states.finish(earlier, Outcome(Status.FAILED, "old", Usage(1, 1), JobError(ErrorCode.TOOL_CRASHED, "old"))),
        states.finish(earlier, Outcome(Status.CANCELED, "old", Usage(1, 1))),
        states.requeue(earlier),
    ]
    # Then nothing of it is written
    assert ends == [False] * 4
    later.refresh_from_db()
    assert (later.status, later.worker, later.output, later.error_code) == (Status.RUNNING, "w2", "", "")


def test_a_final_job_never_changes_again(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert states.finish(job, Outcome(Status.SUCCEEDED, "done", Usage(1, 1)))
    assert not states.finish(job, Outcome(Status.FAILED, "late", Usage(1, 1), JobError(ErrorCode.TOOL_CRASHED, "late")))
    assert not states.cancel_queued(job.id)
    assert not states.request_cancel(job.id)
    assert not states.requeue(job)
    job.refresh_from_db()
    assert (job.status, job.output, job.cancel_requested) == (Status.SUCCEEDED, "done", False)


def test_a_released_job_waits_as_if_it_never_ran_but_counts_its_attempt(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert states.requeue(job)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.worker, job.started_at) == (Status.QUEUED, 1, "", None)


def test_a_job_whose_cancel_was_asked_for_is_not_released(make_job: MakeJob) -> None:
    make_job()
    job = claim()
    assert states.request_cancel(job.id)
    assert not states.requeue(job)
    assert states.finish(job, Outcome(Status.CANCELED, "half", Usage(1, 1)))


def test_a_job_is_claimed_by_whoever_has_its_release(make_job: MakeJob) -> None:
    # Given jobs of one tool, each of which asks for another release, and one that asks for none
    of_release = {release: make_job(release=release).id for release in ("", "a@1", "a@2")}

    def claims(installed: Sequence[str], deployed: dict[str, list[str]]) -> list[str]:
        jobs = iter(lambda: states.claim_next("w1", installed, deployed), None)
        return [release for job in jobs for release, job_id in of_release.items() if job_id == job.id]

    # Then each goes only to a worker that has this release, with this tool
    assert claims([], {"a@2": ["other"], "a@3": ["echo"]}) == []
    assert claims([], {"a@2": ["echo"]}) == ["a@2"]
    assert sorted(claims(["echo"], {"a@1": ["echo"]})) == ["", "a@1"]


def test_owned_runs_tell_attempt_and_cancellation(make_job: MakeJob) -> None:
    make_job(), make_job(), make_job()
    running, canceled, ended = claim(), claim(), claim()
    states.request_cancel(canceled.id)
    states.finish(ended, Outcome(Status.SUCCEEDED, "", Usage(0, 0)))
    ids = [running.id, canceled.id, ended.id, uuid4()]
    assert states.owned_runs(ids) == {(running.id, 1): False, (canceled.id, 1): True}


def test_only_jobs_that_wait_for_long_count_as_unheard(make_job: MakeJob) -> None:
    make_job()
    assert states.count_waiting({"": ["echo"]}, 10) == 0
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    assert (states.count_waiting({"": ["echo"]}, 10), states.count_waiting({"": ["other"]}, 10)) == (1, 0)
    claim()
    assert states.count_waiting({"": ["echo"]}, 10) == 0


def test_a_claimed_job_brings_what_its_worker_has_to_know_of_its_tool(
    make_job: MakeJob, echo: Tool, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    Tool.objects.update(max_seconds=9, limits={"max_log_lines": 5}, settings_schema={"properties": {}})
    Tool.objects.update(admin_limits={"max_seconds": 3})
    make_job()
    job = claim()
    with django_assert_num_queries(0):
        assert (job.tool.slug, job.tool.max_seconds, job.tool.limits) == ("echo", 9, {"max_log_lines": 5})
        assert job.tool.limit(SECONDS) == 3
        assert (job.tool.input_schema, job.tool.settings_schema) == (echo.input_schema, {"properties": {}})


@pytest.mark.parametrize(
    ("canceled", "status", "code"), [(False, Status.FAILED, "timeout"), (True, Status.CANCELED, "")]
)
def test_a_job_that_ran_too_long_fails_unless_its_cancel_was_asked_for(
    make_job: MakeJob, canceled: bool, status: Status, code: str
) -> None:
    make_job()
    job = claim()
    if canceled:
        states.request_cancel(job.id)
    assert states.finish(job, replace(TOO_LONG, output="half"))
    assert not states.finish(job, replace(TOO_LONG, output="more"))
    job.refresh_from_db()
    assert (job.status, job.error_code, job.output) == (status, code, "half")


def test_a_run_that_lost_its_job_cannot_time_it_out(make_job: MakeJob) -> None:
    make_job()
    earlier = claim("w1")
    states.requeue(earlier)
    later = claim("w2")
    states.request_cancel(later.id)
    assert not states.finish(
        earlier,
        replace(TOO_LONG, output="old"),
    )
    later.refresh_from_db()
    assert (later.status, later.output) == (Status.RUNNING, "")
