"""The statements that each step of a job costs: a step of every job may not grow unnoticed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.lifecycle.queue import OF_A_RUN, Offer
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker

pytestmark = pytest.mark.django_db


def statements(work: Callable[[], Any]) -> tuple[Any, list[str]]:
    """What the work returns, and the statements that it took."""
    with CaptureQueriesContext(connection) as captured:
        result = work()
    return result, [query["sql"] for query in captured]


def make_worker(name: str, **values: Any) -> Worker:
    facts = {"model": "m", "parameters": 1, "context_length": 1, "device": "cpu", "last_seen_at": timezone.now()}
    return Worker.objects.create(name=name, **facts, **values)


def test_a_submit_is_one_statement(owner: User, echo: Tool) -> None:
    job, made = statements(lambda: submit(owner, echo, {"text": "x"}))
    assert job.status == Status.QUEUED
    assert len(made) == 1


def test_a_claim_is_two_statements_with_all_that_a_run_reads_of_its_tool(make_job: Callable[..., Job]) -> None:
    job = make_job()
    claimed, made = statements(lambda: states.claim_offered("w1", [Offer("echo", "", job.tool.plugin)]))
    assert claimed == job
    assert len(made) == 2
    read, more = statements(lambda: {name: getattr(claimed.tool, name) for name in OF_A_RUN})
    assert read == {name: getattr(job.tool, name) for name in OF_A_RUN}
    assert (claimed.tool_id, claimed.owner_id, claimed.input) == (job.tool_id, job.owner_id, job.input)
    assert not more


def test_a_claim_in_vain_is_one_statement(make_job: Callable[..., Job]) -> None:
    make_job(status=Status.SUCCEEDED)
    claimed, made = statements(lambda: states.claim_offered("w1", [Offer("echo")]))
    assert claimed is None
    assert len(made) == 1


def test_a_worker_without_the_tool_of_the_catalogue_claims_none_of_it(make_job: Callable[..., Job]) -> None:
    job = make_job()
    others = [Offer("echo", "", "another"), Offer("echo", "a@1", job.tool.plugin), Offer("other", "", job.tool.plugin)]
    assert states.claim_offered("w1", others) is None
    assert states.claim_offered("w1", [*others, Offer("echo", "", job.tool.plugin)]) == job


def test_offers_with_and_without_a_plugin_stand_beside_each_other(make_job: Callable[..., Job]) -> None:
    job = make_job()
    assert states.claim_offered("w1", [Offer("other", "", "another"), Offer("echo")]) == job


def test_a_drained_worker_claims_nothing_and_others_do(make_job: Callable[..., Job]) -> None:
    job = make_job()
    make_worker("w1", drained_at=timezone.now())
    make_worker("w2")
    assert states.claim_offered("w1", [Offer("echo")]) is None
    assert states.claim_offered("w2", [Offer("echo")]) == job


@pytest.mark.parametrize("requested", [False, True], ids=["running", "canceled"])
@pytest.mark.parametrize("unless_canceled", [False, True])
def test_an_end_is_one_statement(make_job: Callable[..., Job], requested: bool, unless_canceled: bool) -> None:
    # Given a run whose job someone may have canceled
    make_job()
    job = states.claim_next("w1", ["echo"])
    assert job is not None
    Job.objects.update(cancel_requested=requested)
    error = JobError(ErrorCode.TIMEOUT, "It took 100 % of its time: %s.")
    outcome = Outcome(
        Status.FAILED, "so far", Usage(3, 4, "stop"), error, unless_canceled=unless_canceled, logprobs="[1]"
    )
    # When it fails
    ended, made = statements(lambda: states.finish(job, outcome))
    # Then all is written at once, once
    assert ended
    assert len(made) == 1
    assert not states.finish(job, outcome)
    job.refresh_from_db()
    assert (job.output, job.prompt_tokens, job.completion_tokens) == ("so far", 3, 4)
    assert (job.finish_reason, job.logprobs) == ("stop", "[1]")
    assert job.completed_at is not None
    assert job.completed_at >= job.started_at
    expected = (
        (Status.CANCELED, "", "") if requested and unless_canceled else (Status.FAILED, error.code, error.message)
    )
    assert (job.status, job.error_code, job.error_message) == expected


def test_an_end_of_an_earlier_attempt_writes_nothing(make_job: Callable[..., Job]) -> None:
    make_job()
    job = states.claim_next("w1", ["echo"])
    assert job is not None
    Job.objects.update(attempt=2)
    assert not states.finish(job, Outcome(Status.SUCCEEDED, "late"))
    job.refresh_from_db()
    assert (job.status, job.output) == (Status.RUNNING, "")
