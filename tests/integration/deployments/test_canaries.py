"""A canary goes live by its runs, and what crashes goes back."""

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.submit import submit as submit_job
from gptstore.jobs.models import Job
from gptstore.releases.canary import start_canary
from gptstore.releases.models import Deployment, DeploymentState
from harness.waiting import wait_until
from tests.integration.deployments.conftest import Approved
from tests.integration.deployments.fleet import Fleet, go_live, is_final, reports, wait_live
from tests.integration.releases import FAULTY, REPEAT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.landlock]


def state_now(deployment: Deployment) -> tuple[str, str]:
    deployment.refresh_from_db()
    return deployment.state, deployment.outcome


def repeat(owner: User, count: int) -> list[Job]:
    """Run the tool with so many inputs, and wait until all have ended."""
    tool = Tool.objects.get(slug="repeat")
    jobs = [submit_job(owner, tool, {"word": f"word{number}"}) for number in range(count)]
    for job in jobs:
        wait_until(lambda job=job: is_final(job), lambda: f"the job's end: {reports()}")  # type: ignore[misc]
    return jobs


def test_a_canary_goes_live_by_its_runs_and_what_crashes_goes_back(
    fleet: Fleet, approved: Approved, boss: User
) -> None:
    # Given a live release, and a canary that the worker has
    first, second, third = (
        approved("repeat", version, code) for version, code in (("1.0", REPEAT), ("2.0", REPEAT), ("3.0", FAULTY))
    )
    go_live(first)
    canary = start_canary(second, boss, share=50)
    wait_until(lambda: Tool.objects.get(slug="repeat").canary, lambda: f"its share: {state_now(canary)}, {reports()}")
    # When enough runs of both have ended
    jobs = repeat(boss, 40)
    # Then both releases had some, and the canary is live
    assert {(job.output, job.release) for job in jobs} == {("1.0", first.key), ("2.0", second.key)}
    wait_until(lambda: state_now(canary)[0] == DeploymentState.LIVE, lambda: f"its verdict: {state_now(canary)}")
    # When a release crashes that is live
    go_live(third)
    crashed = repeat(boss, 5)
    # Then it is quarantined with its traceback, and the one before is live again
    assert {job.error_code for job in crashed} == {"tool_crashed"}
    wait_live(second)
    third.refresh_from_db()
    assert third.quarantine_reason.startswith("5 different inputs of one person")
    assert third.quarantine_details.startswith("repeat: tool_crashed")
    assert "acme_repeat.py:7 in repeat" in third.quarantine_details
    assert third.quarantine_details.endswith("ZeroDivisionError")
    assert "word" not in third.quarantine_details
    assert [job.output for job in repeat(boss, 2)] == ["2.0", "2.0"]
