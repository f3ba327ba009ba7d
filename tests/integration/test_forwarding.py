"""Two workers of which one lacks a tool: its jobs begin at once, whichever of them a message wakes."""

from collections.abc import Iterator
from statistics import median

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.states import UNHEARD_AFTER
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import fleet
from harness.database import database_of_tests
from harness.plugins import before_pythonpath, one_tool, write_plugin
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.watching import Installed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RUNS = 5


@pytest.fixture
def unequal_workers(
    redis_process: RedisServer, transactional_db: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One worker with the built-in tools, and one that has the tool `one` beside them."""
    folder = tmp_path_factory.mktemp("plugins")
    write_plugin(folder / "rare", "acme-rare", one_tool("one"))
    folder.chmod(0o755)
    with Site(tmp_path_factory.mktemp("site"), redis_process.url, database_of_tests()) as site:
        site.start_worker()
        site.environment["PYTHONPATH"] = before_pythonpath(folder / "rare")
        site.start_worker()
        yield


def run(owner: User, tool: Tool) -> Job:
    """Run the tool, and return the job at its end."""
    job = submit(owner, tool, {"text": "a"})

    def has_ended() -> bool:
        job.refresh_from_db()
        return job.is_final

    wait_until(has_ended, "its end")
    return job


def test_a_job_of_a_tool_that_one_worker_lacks_begins_at_once(
    redis_server: RedisServer, installed: Installed, owner: User, unequal_workers: None
) -> None:
    # Given a fleet of which one worker has the tool
    built_in = installed("qa")
    tool = Tool.objects.create(
        slug="one", title="One", category=built_in.category, plugin="acme-rare", version="1",
        input_schema={"type": "object", "properties": {"text": {"type": "string"}}},
    )  # fmt: skip
    wait_until(lambda: sorted(worker.can_run("one", "") for worker in fleet()) == [False, True], "both workers")
    # When it is run again and again
    waited = []
    for _ in range(RUNS):
        job = run(owner, tool)
        assert (job.status, job.attempt) == (Status.SUCCEEDED, 1)
        assert job.started_at is not None
        waited.append((job.started_at - job.created_at).total_seconds())
    # Then none waits until a worker looks for what nobody claimed
    assert median(waited) < UNHEARD_AFTER.total_seconds(), waited
