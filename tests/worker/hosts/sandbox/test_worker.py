"""A worker whose plugins run in the sandbox, from the queue to the stored output."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gptstore.accounts.models import User
from gptstore.catalog import sync
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.database import database_of_tests
from harness.plugins import HOSTILE_CODE, before_pythonpath
from harness.process import Process
from harness.redis import RedisServer
from harness.rows import make_user
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.watching import events
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.processes import tree_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.landlock, pytest.mark.slow]


@pytest.fixture(scope="module")
def worker(
    redis_process: RedisServer, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, hostile_folder: Path
) -> Iterator[Process]:
    if (level := probe(own_environment())).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    folder = tmp_path_factory.mktemp("site")
    database = database_of_tests()
    with Site(folder, redis_process.url, database, sandbox_level="reduced", tool_output_mb="1") as site:
        site.environment["PYTHONPATH"] = before_pythonpath(hostile_folder, HOSTILE_CODE)
        yield site.start_worker()


@pytest.fixture
def tool(transactional_db: None, hostile_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Tool]:
    monkeypatch.syspath_prepend(str(hostile_folder))
    monkeypatch.setenv("PYTHONPATH", before_pythonpath(hostile_folder))
    sync.store(sync.read_manifests())
    return lambda slug: Tool.objects.get(slug=slug)


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_user("ada")


def end(job: Job) -> Job:
    wait_until(lambda: Job.objects.get(id=job.id).is_final, f"the end of {job}")
    return Job.objects.get(id=job.id)


def test_every_built_in_tool_runs_and_streams_what_is_stored(
    worker: Process, redis_server: RedisServer, owner: User, tool: Callable[[str], Tool]
) -> None:
    jobs = []
    for slug in ("summarizer", "translator", "qa", "code-writer"):
        row = tool(slug)
        jobs.append(submit(owner, row, row.examples[0]["input"]))
    for job in jobs:
        job = end(job)
        assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
        assert job.output
        assert job.completion_tokens > 0
        assert "".join(e.data["text"] for e in events(redis_server, job) if e.name == "output") == job.output


@pytest.mark.parametrize(("how", "words"), [("segfault", "SIGSEGV"), ("exit", "status 0")])
def test_harm_costs_one_job_and_its_person_is_told(
    how: str, words: str, worker: Process, redis_server: RedisServer, owner: User, tool: Callable[[str], Tool]
) -> None:
    job = end(submit(owner, tool("harm"), {"how": how}))
    assert (job.status, job.error_code) == (Status.FAILED, "tool_crashed")
    assert words in job.error_message
    assert job.output.startswith("before ")
    assert end(submit(owner, tool("repeat"), {"text": "Tell me more."})).status == Status.SUCCEEDED


@pytest.mark.parametrize(("what", "words"), [("output", "1 MB of output"), ("crumbs", "max_memory_mb")])
def test_taking_too_much_costs_one_job_and_its_person_is_told(
    what: str, words: str, worker: Process, redis_server: RedisServer, owner: User, tool: Callable[[str], Tool]
) -> None:
    job = end(submit(owner, tool("take"), {"what": what}))
    assert (job.status, job.error_code) == (Status.FAILED, "limit_exceeded")
    assert words in job.error_message
    assert job.output.startswith("before ")
    assert end(submit(owner, tool("repeat"), {"text": "Tell me more."})).status == Status.SUCCEEDED


def test_a_tool_that_does_not_heed_a_cancel_is_gone_with_its_process(
    worker: Process, redis_server: RedisServer, owner: User, tool: Callable[[str], Tool]
) -> None:
    idle = tree_of(worker.popen.pid)
    job = submit(owner, tool("harm"), {"how": "endless loop"})
    wait_until(lambda: any(event.name == "output" for event in events(redis_server, job)), "output")
    assert len(tree_of(worker.popen.pid)) == len(idle) + 1
    cancel(Job.objects.get(id=job.id))
    assert end(job).status == Status.CANCELED
    wait_until(lambda: tree_of(worker.popen.pid) == idle, "the end of the tool's process")


def test_nothing_is_left_of_a_worker_that_was_killed(worker: Process, tool: Callable[[str], Tool]) -> None:
    started = tree_of(worker.popen.pid)[1:]
    assert len(started) == 14, "a launcher and a host for each of seven plugins"
    worker.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "the end of all of them", 10)
