"""64 jobs in one worker process: one engine serves them together, and all of them come to their end."""

import time
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any

import pytest

from gptstore.accounts.models import User
from gptstore.jobs.events.events import gather_output
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.integration.conftest import Crew
from tests.integration.watching import Installed, events

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TOGETHER = 64


@pytest.fixture
def inputs(long_text: str) -> dict[str, dict[str, Any]]:
    """Tasks whose answers are a hundred tokens and more and come piece by piece, by the tool's slug."""
    text = long_text[:600]
    return {
        "code-writer": {"task": text, "language": "javascript"},
        "translator": {"text": text, "source": "en", "target": "fr"},
    }


def submit_many(owner: User, installed: Installed, inputs: dict[str, dict[str, Any]], count: int) -> list[Job]:
    return [submit(owner, installed(slug), inputs[slug]) for slug in islice(cycle(inputs), count)]


def test_64_jobs_share_one_engine_in_one_process(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, inputs: dict[str, dict[str, Any]]
) -> None:
    # Given 64 queued jobs and no worker
    assert crew.process is None
    jobs = submit_many(owner, installed, inputs, TOGETHER)
    # When one worker starts
    crew.ensure()
    wait_until(lambda: not unfinished(jobs), "the end of all jobs", 100)
    # Then it ran each of them once, and every answer is whole
    for job in jobs:
        job.refresh_from_db()
        assert (job.status, job.error_message, job.attempt) == (Status.SUCCEEDED, "", 1)
        assert gather_output(events(redis_server, job)).text == job.output != ""
    assert len({job.worker for job in jobs}) == 1
    # And most of them were answered at the same time
    spans = [span_of_output(redis_server, job) for job in jobs]
    assert most_at_a_time(spans) >= TOGETHER // 2


def test_a_worker_that_ends_gives_back_all_of_its_64_jobs(
    redis_server: RedisServer, crew: Crew, installed: Installed, owner: User, long_text: str
) -> None:
    # Given a worker in the middle of 64 jobs that take longer than it may still live
    worker = crew.ensure()
    jobs = submit_many(owner, installed, {"summarizer": {"text": long_text * 2}}, TOGETHER)
    wait_until(lambda: all(events(redis_server, job) for job in jobs), "an event of each job")
    # When it is asked to end
    asked = time.monotonic()
    status = worker.stop(seconds=30)
    # Then it does so in time, and each job waits for another worker
    assert (status, time.monotonic() - asked < 15) == (0, True), worker.text
    assert "ended_by_force" not in worker.text
    assert Job.objects.filter(status=Status.QUEUED, worker="").count() == TOGETHER
    for job in jobs:
        cancel(job)


def unfinished(jobs: Iterable[Job]) -> bool:
    return Job.objects.filter(id__in=[job.id for job in jobs], completed_at=None).exists()


def span_of_output(redis: RedisServer, job: Job) -> tuple[int, int]:
    """When Redis got the first and the last text, in milliseconds: an entry's id begins with its time."""
    times = [int(event.id.split("-")[0]) for event in events(redis, job) if event.name == "output"]
    return times[0], times[-1]


def most_at_a_time(spans: Iterable[tuple[int, int]]) -> int:
    """How many spans have one moment in common."""
    borders = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, change in borders:
        now += change
        most = max(most, now)
    return most
