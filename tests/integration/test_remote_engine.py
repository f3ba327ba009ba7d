"""Jobs through a real worker whose model runs on another server."""

from collections.abc import Iterator

import pytest

from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Status
from harness.database import database_of_tests
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.test_worker_process import Installed, example_of, until_final, until_said
from tests.worker.engine.model_server import ModelServer, serving

KEY = "sk-very-secret-1234"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with serving(context_length=4096, key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def worker_log(
    redis_process: RedisServer,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
    server: ModelServer,
) -> Iterator[str]:
    folder, database = tmp_path_factory.mktemp("site"), database_of_tests()
    with Site(folder, redis_process.url, database, engine_url=server.url, engine_key=KEY, log_level="DEBUG") as site:
        site.start_worker()
        yield str(folder / "worker.log")


def test_jobs_are_answered_by_the_server_and_the_key_stays_out_of_the_log(
    redis_server: RedisServer, worker_log: str, server: ModelServer, installed: Installed, owner: User
) -> None:
    tool = installed("qa")
    jobs = [submit(owner, tool, example_of(tool, number % 3)) for number in range(6)]

    for job in jobs:
        until_final(job)
        assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
        assert "upon a time" in job.output
        assert job.prompt_tokens > 0
        assert job.completion_tokens > 0
    assert {call.path for call in server.completions()} == {"chat/completions"}
    with open(worker_log) as log:
        assert KEY not in log.read()


def test_a_canceled_job_closes_its_connection(
    redis_server: RedisServer, worker_log: str, server: ModelServer, installed: Installed, owner: User
) -> None:
    server.calls.clear()
    job = submit(owner, installed("qa"), example_of(installed("qa")))
    until_said(job)

    cancel(job)

    until_final(job)
    assert job.status == Status.CANCELED
    wait_until(lambda: all(call.left.is_set() for call in server.completions()), "the end of all requests", 5)
