"""What becomes of queued jobs when their release is withdrawn."""

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job, Status
from gptstore.releases.crashes import sweep_withdrawn
from gptstore.releases.deploy import activate, deploy
from gptstore.releases.models import Release
from gptstore.releases.quarantine import quarantine, yank
from harness.rows import make_job
from tests.releases.conftest import Approved

pytestmark = pytest.mark.django_db


def go_live(release: Release) -> None:
    assert activate(deploy(release, None))


def queue(owner: User, release: Release, **values: object) -> Job:
    values = {"input": {"word": "a"}, **values}
    return make_job(owner, Tool.objects.get(slug="say"), release=release.key, **values)  # type: ignore[arg-type]


def test_jobs_of_a_release_in_quarantine_run_on_the_one_that_took_over(ada: User, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    go_live(second)
    job, running = queue(ada, second), queue(ada, second, status=Status.RUNNING)

    quarantine(second, "It crashed.")
    job.refresh_from_db()
    running.refresh_from_db()
    assert (job.release, job.tool_version, job.status) == (first.key, "1.0", Status.QUEUED)
    assert running.release == second.key
    # And one that ran at that time moves when it is queued again
    Job.objects.filter(pk=running.pk).update(status=Status.QUEUED, started_at=None, worker="")
    sweep_withdrawn()
    running.refresh_from_db()
    assert running.release == first.key


def test_a_job_whose_release_was_chosen_ends_with_the_reason(ada: User, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    go_live(second)
    job = queue(ada, second, pinned=True, tool_version="1.1")

    yank(second, ada, "It leaks.")
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "tool_missing")
    assert "Version 1.1 of this tool was taken out of use" in job.error_message


def test_without_another_release_its_jobs_end(ada: User, approved: Approved) -> None:
    release = approved("1.0")
    go_live(release)
    job = queue(ada, release)

    yank(release, ada, "It leaks.")
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "tool_missing")


def test_jobs_of_a_release_that_was_only_replaced_stay(ada: User, approved: Approved) -> None:
    first, second = approved("1.0"), approved("1.1")
    go_live(first)
    job = queue(ada, first)
    go_live(second)

    sweep_withdrawn()
    job.refresh_from_db()
    assert job.release == first.key
