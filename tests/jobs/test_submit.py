"""From an input to a queued job, whatever state Redis is in."""

import time

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.models import Tool
from gptstore.celery import app
from gptstore.jobs import doorbell
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.jobs.sender import sender
from harness.redis import RedisServer

QUEUE = app.conf.task_default_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("not_connected_yet")]


@pytest.fixture
def not_connected_yet() -> None:
    app.close()


def test_a_good_input_is_one_queued_job_and_one_ring(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    job = submit(owner, echo, {"text": "汉字"})
    assert Job.objects.get() == job
    assert (job.owner, job.tool, job.tool_version, job.status) == (owner, echo, "1.0", Status.QUEUED)
    assert (job.input, job.output_kind, job.attempt) == ({"text": "汉字"}, "markdown", 0)
    assert job.id.version == 7
    sender().wanted.join()
    assert redis_server.client.llen(QUEUE) == 1


def test_the_job_keeps_the_language_of_its_output(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    echo.output, echo.language_input = "code", "text"
    assert submit(owner, echo, {"text": "rust"}).output_language == "rust"


def test_a_wrong_input_leaves_nothing_behind(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    with pytest.raises(InvalidInput):
        submit(owner, echo, {"txt": "a"})
    assert not Job.objects.exists()
    assert redis_server.client.llen(QUEUE) == 0


@pytest.mark.parametrize("switch", ["enabled", "installed"])
def test_a_tool_that_is_off_or_gone_takes_no_jobs(
    owner: User, echo: Tool, redis_server: RedisServer, switch: str
) -> None:
    setattr(echo, switch, False)
    with pytest.raises(ToolUnavailable):
        submit(owner, echo, {"text": "a"})
    assert not Job.objects.exists()


@pytest.mark.parametrize("connected_before", [True, False])
def test_without_redis_the_job_waits_and_the_person_does_not(
    owner: User, echo: Tool, redis_server: RedisServer, connected_before: bool
) -> None:
    if connected_before:
        assert doorbell.ring()
    redis_server.kill()
    begun = time.monotonic()
    job = submit(owner, echo, {"text": "a"})
    assert time.monotonic() - begun < 1
    assert Job.objects.get(id=job.id).status == Status.QUEUED


def test_a_redis_that_hangs_does_not_hang_the_person(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    redis_server.freeze()
    try:
        begun = time.monotonic()
        job = submit(owner, echo, {"text": "a"})
        assert time.monotonic() - begun < 1
    finally:
        redis_server.thaw()
    assert Job.objects.get(id=job.id).status == Status.QUEUED


def test_those_who_asked_while_a_ring_failed_are_left_to_the_sweeper(redis_server: RedisServer) -> None:
    # Given many who ask while Redis hangs
    redis_server.freeze()
    try:
        for _ in range(50):
            doorbell.ring_soon()
        begun = time.monotonic()
        sender().wanted.join()
        # Then they do not wait for one ring after the other
        assert time.monotonic() - begun < 20
    finally:
        redis_server.thaw()
    # And the next one is heard
    assert doorbell.ring()


def test_the_first_ring_after_redis_came_back_is_heard(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    assert doorbell.ring()
    redis_server.kill()
    assert not doorbell.ring()
    redis_server.start()
    assert doorbell.ring()
    assert redis_server.client.llen(QUEUE) == 1
