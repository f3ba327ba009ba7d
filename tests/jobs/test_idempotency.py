"""However often a request comes with one key, it is one job."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.models import Tool
from gptstore.celery import app
from gptstore.jobs.errors import IdempotencyConflict
from gptstore.jobs.lifecycle import idempotency, states
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.models import Job, Status
from gptstore.jobs.sender import sender
from harness.redis import RedisServer
from harness.rows import make_user

QUEUE = app.conf.task_default_queue
THREADS = 12

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def twice(echo: Tool) -> Tool:
    """A tool with a second field, which has a default."""
    properties = {**echo.input_schema["properties"], "times": {"type": "integer", "default": 2}}
    echo.input_schema = {**echo.input_schema, "properties": properties}
    echo.save()
    return echo


def test_the_same_request_again_is_the_same_job_and_rings_for_nobody(
    owner: User, echo: Tool, redis_server: RedisServer
) -> None:
    first, replayed = submit_once(owner, echo, {"text": "汉字"}, "key-1")
    again, replayed_again = submit_once(owner, echo, {"text": "汉字"}, "key-1")
    assert (again, replayed, replayed_again) == (first, False, True)
    sender().wanted.join()
    assert redis_server.client.llen(QUEUE) == 1
    assert Job.objects.count() == 1


def test_an_ended_job_is_given_as_it_is(owner: User, echo: Tool) -> None:
    submit_once(owner, echo, {"text": "a"}, "key-1")
    run = states.claim_next("w1", ["echo"])
    assert run is not None
    states.finish(run, Outcome(Status.SUCCEEDED, "A", Usage(1, 1)))
    again, replayed = submit_once(owner, echo, {"text": "a"}, "key-1")
    assert (again.status, again.output, replayed) == ("succeeded", "A", True)


def test_neither_order_nor_a_default_that_is_given_makes_another_request(owner: User, twice: Tool) -> None:
    inputs: list[dict[str, Any]] = [{"text": "a"}, {"text": "a", "times": 2}, {"times": 2, "text": "a"}]
    assert len({submit_once(owner, twice, data, "key-1")[0].id for data in inputs}) == 1


def test_a_key_that_was_used_for_another_input_is_refused(owner: User, echo: Tool) -> None:
    submit_once(owner, echo, {"text": "a"}, "key-1")
    with pytest.raises(IdempotencyConflict):
        submit_once(owner, echo, {"text": "b"}, "key-1")
    assert Job.objects.count() == 1


def test_a_key_that_was_used_for_another_tool_is_refused(owner: User, echo: Tool) -> None:
    submit_once(owner, echo, {"text": "a"}, "key-1")
    echo.pk, echo.slug = None, "other"
    echo.save(force_insert=True)
    with pytest.raises(IdempotencyConflict):
        submit_once(owner, echo, {"text": "a"}, "key-1")


def test_another_key_is_another_job(owner: User, echo: Tool) -> None:
    assert submit_once(owner, echo, {"text": "a"}, "key-1")[0] != submit_once(owner, echo, {"text": "a"}, "KEY-1")[0]


def test_without_a_key_each_request_is_a_job(owner: User, echo: Tool) -> None:
    assert submit(owner, echo, {"text": "a"}) != submit(owner, echo, {"text": "a"})


def test_two_owners_may_use_the_same_key(owner: User, echo: Tool) -> None:
    other = make_user("bob")
    mine, _ = submit_once(owner, echo, {"text": "a"}, "key-1")
    theirs, replayed = submit_once(other, echo, {"text": "b"}, "key-1")
    assert (theirs.owner, mine.owner, replayed) == (other, owner, False)


def test_a_wrong_input_does_not_use_the_key_up(owner: User, echo: Tool) -> None:
    with pytest.raises(InvalidInput):
        submit_once(owner, echo, {"txt": "a"}, "key-1")
    _, replayed = submit_once(owner, echo, {"text": "a"}, "key-1")
    assert not replayed


def test_when_its_job_is_deleted_a_key_is_free_again(owner: User, echo: Tool) -> None:
    first, _ = submit_once(owner, echo, {"text": "a"}, "key-1")
    first.delete()
    _, replayed = submit_once(owner, echo, {"text": "b"}, "key-1")
    assert not replayed


def test_the_time_to_be_canceled_by_is_that_of_the_first_request(owner: User, echo: Tool) -> None:
    submit_once(owner, echo, {"text": "a"}, "key-1", timedelta(hours=1))
    again, replayed = submit_once(owner, echo, {"text": "a"}, "key-1", timedelta(hours=9))
    assert replayed
    assert again.cancel_after is not None
    assert abs(again.cancel_after - timezone.now() - timedelta(hours=1)) < timedelta(minutes=5)


def test_requests_at_the_same_moment_are_one_job(owner: User, echo: Tool, redis_server: RedisServer) -> None:
    # Given many threads that wait for each other
    together = Barrier(THREADS)

    def ask(_: int) -> tuple[Job, bool]:
        try:
            together.wait(timeout=60)
            return submit_once(owner, echo, {"text": "a"}, "key-1")
        finally:
            connection.close()

    # When all of them send the same request
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(ask, range(THREADS)))
    # Then one makes the job, and the others get it
    assert {job.id for job, _ in answers} == {Job.objects.get().id}
    assert [replayed for _, replayed in answers].count(False) == 1
    sender().wanted.join()
    assert redis_server.client.llen(QUEUE) == 1


@pytest.mark.parametrize("text", ["a", "b"])
def test_a_request_that_is_overtaken_gets_what_the_quicker_one_made(
    owner: User, echo: Tool, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    # Given a request that saw no job of its key, and a quicker one with the same key
    enqueue, quicker = idempotency.enqueue, []

    def overtaken(*args: Any, **keys: str) -> Job:
        monkeypatch.setattr(idempotency, "enqueue", enqueue)
        quicker.append(submit_once(owner, echo, {"text": text}, "key-1")[0])
        return enqueue(*args, **keys)

    monkeypatch.setattr(idempotency, "enqueue", overtaken)
    # When it goes on
    if text == "a":
        answer = submit_once(owner, echo, {"text": "a"}, "key-1")
        # Then it gets that job, when that is what it asked for
        assert answer == (quicker[0], True)
    else:
        # And is refused when it is not
        with pytest.raises(IdempotencyConflict):
            submit_once(owner, echo, {"text": "a"}, "key-1")
    sender().wanted.join()
    assert redis_server.client.llen(QUEUE) == 1
