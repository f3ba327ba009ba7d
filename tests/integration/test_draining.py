"""A drained worker of its own process: its runs end, it claims no other, and leaves the messages to others."""

import pytest

from gptstore.accounts.models import User
from gptstore.jobs.drain import drain, resume
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.jobs.workers import fleet
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.integration.conftest import Crew
from tests.integration.watching import Installed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

QUEUE = "gptstore"


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def test_a_drained_worker_ends_its_runs_and_claims_no_more(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    # Given a worker in the middle of a run
    process = crew.ensure()
    wait_until(fleet, "the worker's heartbeat")
    (worker,) = fleet()
    running = submit(owner, installed("translator"), {"text": long_text[:4000], "source": "en", "target": "fr"})
    wait_until(lambda: read_output_so_far(running).text, "the first text")
    # When it is drained
    assert drain(worker.name, owner)
    wait_until(lambda: "worker_drained" in process.text, "the worker to see that it is drained")
    queued = submit(owner, installed("qa"), installed("qa").examples[0]["input"])
    # Then its run ends well, and the message of the next job stays for other workers
    wait_until(lambda: status_of(running) != Status.RUNNING, "the end of the run", 180)
    assert (status_of(running), running.attempt) == (Status.SUCCEEDED, 1)
    assert redis_server.client.llen(QUEUE) == 1
    assert (status_of(queued), queued.attempt) == (Status.QUEUED, 0)
    # Until it is resumed
    assert resume(worker.name, owner)
    wait_until(lambda: status_of(queued) == Status.SUCCEEDED, "the job's end")
    assert redis_server.client.llen(QUEUE) == 0


def test_a_worker_reports_its_speed_and_its_memory(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User
) -> None:
    crew.ensure()
    job = submit(owner, installed("qa"), installed("qa").examples[0]["input"])
    wait_until(lambda: status_of(job) == Status.SUCCEEDED, "the job's end")
    wait_until(lambda: any(worker.tokens_per_second > 0 for worker in fleet()), "its speed in the heartbeat")
    assert all(worker.memory > 50_000_000 for worker in fleet())
