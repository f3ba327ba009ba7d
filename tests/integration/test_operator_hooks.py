"""Operator hooks in a real worker, where plugins run beside it and where they run in the sandbox."""

import os
from collections.abc import Iterator

import pytest

from gptstore.accounts.models import User
from gptstore.jobs.events.events import gather_output
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.database import database_of_tests
from harness.process import Process
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.watching import Installed, events
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RULES = '''
import logging

from worker.hooks import Change, Refuse, hookimpl

log = logging.getLogger(__name__)


@hookimpl
def gptstore_screen_output(text, ended):
    """Refuses one word, renames another one, and holds back what may be half of either."""
    if "forbidden" in text:
        return Refuse("This word is not for everybody.")
    hold = 0 if ended else len(text) - text.rfind(" ") - 1
    return Change(text[: len(text) - hold].replace("harbour", "HARBOUR"), min(hold, 100))


@hookimpl
def gptstore_job_finished(job):
    log.info("told of %s %s %s", job.id, job.status, job.error_code or "without an error")
'''
NOTE = "Write to ada@example.org about the harbour."


@pytest.fixture(scope="module", params=["false", "true"], ids=["beside", "sandbox"])
def worker(
    request: pytest.FixtureRequest,
    redis_process: RedisServer,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Process]:
    level = probe(own_environment())
    if request.param == "true" and level.name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    folder = tmp_path_factory.mktemp("site")
    info = folder / "acme_rules-1.dist-info"
    info.mkdir()
    (folder / "acme_rules.py").write_text(RULES)
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: acme-rules\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[gptstore.operator_hooks]\nacme = acme_rules\n")
    database = database_of_tests()
    settings = {"model": "echo", "operator_hooks": "masking,acme", "sandbox": request.param}
    with Site(folder, redis_process.url, database, **settings) as site:
        paths = [str(folder), os.environ.get("PYTHONPATH", "")]
        site.environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        yield site.start_worker()


def end(job: Job) -> Job:
    wait_until(lambda: Job.objects.get(id=job.id).is_final, f"the end of {job}")
    return Job.objects.get(id=job.id)


def test_what_people_read_and_what_is_kept_is_what_the_hooks_left(
    worker: Process, redis_server: RedisServer, installed: Installed, owner: User
) -> None:
    job = end(submit(owner, installed("summarizer"), {"text": NOTE}))
    assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
    assert r"Write to \[email] about the HARBOUR." in job.output
    assert job.input["text"] == NOTE
    wait_until(lambda: events(redis_server, job)[-1].name == "finished", "the last event")
    said = gather_output(events(redis_server, job))
    assert said.text == job.output
    assert 0 < said.tokens <= job.completion_tokens
    wait_until(lambda: f"told of {job.id} succeeded without an error" in worker.text, "the hook's line")


def test_a_refused_word_ends_the_run_before_anybody_reads_it(
    worker: Process, redis_server: RedisServer, installed: Installed, owner: User
) -> None:
    job = end(submit(owner, installed("summarizer"), {"text": f"{NOTE} It is forbidden to swim. {NOTE}"}))
    assert (job.status, job.error_code) == (Status.FAILED, "refused")
    assert job.error_message == "This word is not for everybody."
    assert "forbidden" not in job.output
    wait_until(lambda: events(redis_server, job)[-1].name == "finished", "the last event")
    assert gather_output(events(redis_server, job)).text == job.output
    wait_until(lambda: f"told of {job.id} failed refused" in worker.text, "the hook's line")
    assert end(submit(owner, installed("summarizer"), {"text": NOTE})).status == Status.SUCCEEDED
