"""What a page without a stream shows of a job."""

from collections.abc import Callable

import pytest

from gptstore.jobs.events.events import LOG, PROGRESS, Event, OutputSoFar, read_output_so_far, stream_key
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job
from harness.redis import RedisServer
from tests.acting_run import ActingRun

Begin = Callable[..., ActingRun]

pytestmark = pytest.mark.django_db


def test_nothing_was_said_before_the_start(make_job: Callable[..., Job], redis_server: RedisServer) -> None:
    assert read_output_so_far(make_job()) == OutputSoFar("", 0)


def test_what_a_running_job_has_said(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("汉", "字")
    run.publisher.publish(Event(PROGRESS, {"done": 1, "total": 4, "message": ""}))
    run.publisher.publish(Event(PROGRESS, {"done": 2, "total": 4, "message": "half"}))
    run.publisher.publish(Event(LOG, {"message": "line 1"}))
    run.publisher.publish(Event(LOG, {"message": "line 2"}))
    run.publisher.flush()
    half = {"done": 2, "total": 4, "message": "half"}
    assert read_output_so_far(run.job) == OutputSoFar("汉字", 2, half, ("line 1", "line 2"))


def test_only_the_last_attempt_counts(begin: Begin, redis_server: RedisServer) -> None:
    first = begin()
    first.say("rubbish")
    states.requeue(first.job)
    second = begin()
    assert read_output_so_far(second.job).text == ""
    second.say("good")
    assert read_output_so_far(second.job) == OutputSoFar("good", 1)


def test_what_a_run_says_that_lost_its_job_does_not_count(begin: Begin, redis_server: RedisServer) -> None:
    # Given a run whose worker was frozen while its job was taken back, and the next attempt in its middle
    frozen = begin()
    frozen.say("stale ")
    states.requeue(frozen.job)
    second = begin()
    second.say("one ")
    # When the frozen worker goes on, before it hears that the job is another's, and the second one is killed
    frozen.say("and stale again ")
    # Then only the second one's words are the job's
    assert read_output_so_far(second.job) == OutputSoFar("one ", 1)


def test_what_is_left_of_an_attempt_whose_beginning_is_lost_does_not_count(
    begin: Begin, redis_server: RedisServer
) -> None:
    # Given a Redis that lost everything, and a worker that is killed between its next word and the whole text again
    run = begin()
    run.say("one ")
    (*_, (_, word)) = redis_server.client.xrange(stream_key(run.job.id))
    redis_server.client.flushall()
    redis_server.client.xadd(stream_key(run.job.id), word)
    # Then this word is not taken for the beginning
    assert read_output_so_far(run.job) == OutputSoFar("", 0)


def test_a_job_that_ended_is_read_from_its_row(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("all of it")
    run.end()
    run.job.refresh_from_db()
    redis_server.client.flushall()
    assert read_output_so_far(run.job) == OutputSoFar("all of it", 1)


def test_without_redis_a_running_job_has_said_nothing_yet(begin: Begin, redis_server: RedisServer) -> None:
    run = begin()
    run.say("one")
    redis_server.kill()
    assert read_output_so_far(run.job) == OutputSoFar("", 0)
