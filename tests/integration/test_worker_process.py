"""The whole way of a job through a real worker: the bundled model, the installed plugins, Celery and Redis."""

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import gather_output, read_output_so_far
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status, Worker
from gptstore.jobs.workers import shared_model
from harness.process import Process
from harness.redis import RedisServer
from harness.site import Site
from harness.waiting import wait_until
from tests.integration.conftest import Crew
from tests.integration.watching import Installed, events

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BUILT_IN = ["summarizer", "translator", "qa", "code-writer", "chat", "writer"]


def until_final(job: Job) -> Job:
    def ended() -> bool:
        job.refresh_from_db()
        return job.is_final

    wait_until(ended, "the job's end")
    return job


def until_said(job: Job) -> None:
    wait_until(lambda: read_output_so_far(job).text, "the first text")


def names(redis: RedisServer, job: Job) -> list[str]:
    return [event.name for event in events(redis, job)]


def check_success(redis: RedisServer, job: Job) -> None:
    """What was streamed is what is kept, byte for byte."""
    until_final(job)
    assert (job.status, job.error_message) == (Status.SUCCEEDED, "")
    wait_until(lambda: names(redis, job)[-1:] == ["finished"], "the last event")
    said = events(redis, job)
    assert "started" in {event.name for event in said}
    assert gather_output(said).text.encode() == job.output.encode()
    assert job.output.strip()
    assert job.completion_tokens > 0
    assert job.prompt_tokens > 0
    assert gather_output(said).tokens <= job.completion_tokens


def example_of(tool: Tool, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = tool.examples[number]["input"]
    return found


@pytest.mark.parametrize("slug", BUILT_IN)
def test_every_built_in_tool_runs_its_example(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, slug: str
) -> None:
    crew.ensure()
    job = submit(owner, installed(slug), example_of(installed(slug)))
    check_success(redis_server, job)
    assert job.attempt == 1


def test_a_long_text_is_handled_in_parts_with_progress(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    crew.ensure()
    job = submit(owner, installed("summarizer"), {"text": long_text})
    check_success(redis_server, job)
    assert "progress" in {event.name for event in events(redis_server, job)}


def test_jobs_of_many_people_all_end(redis_server: RedisServer, crew: Crew, installed: Installed, owner: User) -> None:
    crew.ensure()
    jobs = [submit(owner, installed("qa"), example_of(installed("qa"), number % 3)) for number in range(9)]
    for job in jobs:
        check_success(redis_server, job)
    assert {job.attempt for job in jobs} == {1}


def test_the_worker_says_who_it_is(crew: Crew, redis_server: RedisServer, transactional_db: None) -> None:
    crew.ensure()
    wait_until(shared_model, "a worker that says its model")
    model = shared_model()
    assert model is not None
    assert model.demo
    assert model.parameters > 100_000
    assert set(model.tools) >= set(BUILT_IN)


def test_cancel_stops_a_running_job_and_keeps_what_it_said(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    crew.ensure()
    job = submit(owner, installed("translator"), {"text": long_text, "source": "en", "target": "fr"})
    until_said(job)
    asked = time.monotonic()
    cancel(job)
    until_final(job)
    assert time.monotonic() - asked < 5
    assert job.status == Status.CANCELED
    wait_until(lambda: names(redis_server, job)[-1:] == ["finished"], "the last event")
    assert gather_output(events(redis_server, job)).text == job.output != ""


def test_a_job_that_waited_while_redis_was_away_is_found(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User
) -> None:
    crew.ensure()
    redis_server.kill()
    job = submit(owner, installed("qa"), example_of(installed("qa")))
    redis_server.start()
    check_success(redis_server, job)


def test_a_restart_of_redis_in_the_middle_of_a_job_costs_nothing(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    # Given a job in its middle
    crew.ensure()
    job = submit(owner, installed("summarizer"), {"text": long_text})
    until_said(job)
    # When Redis crashes and comes back empty
    redis_server.kill()
    redis_server.start()
    # Then the job ends well, and so does the next
    check_success(redis_server, job)
    assert job.attempt == 1
    check_success(redis_server, submit(owner, installed("qa"), example_of(installed("qa"))))


def test_a_job_whose_worker_is_killed_runs_again_and_ends_once(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    # Given a job in its middle
    killed = crew.ensure()
    job = submit(owner, installed("summarizer"), {"text": long_text})
    until_said(job)
    job.refresh_from_db()
    first = job.worker
    # When its worker dies, and another one is there long after
    killed.kill()
    crew.ensure()
    Worker.objects.filter(name=first).update(last_seen_at=timezone.now() - timedelta(seconds=31))
    # Then the other does it
    check_success(redis_server, job)
    assert (job.attempt, job.worker != first) == (2, True)
    ends = [event for event in events(redis_server, job) if event.name == "finished"]
    assert len(ends) == 1


def test_a_worker_that_is_asked_to_end_gives_its_job_back(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    # Given a worker with a job that takes longer than it may still live
    worker = crew.ensure()
    job = submit(owner, installed("translator"), {"text": long_text * 4, "source": "en", "target": "fr"})
    until_said(job)
    # When it is asked to end
    asked = time.monotonic()
    status = worker.stop(seconds=30)
    # Then it does so soon, nothing is left of it, and the job waits for another
    assert time.monotonic() - asked < 15, worker.text
    assert status == 0
    job.refresh_from_db()
    assert (job.status, job.worker) == (Status.QUEUED, "")
    assert not Worker.objects.exists()
    cancel(job)


def test_a_worker_without_its_model_ends_with_one_clear_line(redis_process: RedisServer, tmp_path: Path) -> None:
    site = Site(tmp_path, redis_process.url, model=str(tmp_path / "no-model"))
    process = Process([sys.executable, "-m", "worker"], site.environment, tmp_path / "worker.log")
    assert process.popen.wait(100) == 1
    said = [line for line in process.text.splitlines() if line.startswith("The worker cannot start: ")]
    assert len(said) == 1
    assert "no-model" in said[0]
    assert "Traceback" not in process.text
    assert process.text.rstrip().endswith(said[0])
