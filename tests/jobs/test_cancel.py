"""Cancel from wherever a job is on its way."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from gptstore.jobs.events.events import CANCEL_CHANNEL, stream_key
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.models import Job, Status
from harness.redis import RedisServer

MakeJob = Callable[..., Job]

pytestmark = pytest.mark.django_db


def test_a_queued_job_ends_at_once_and_its_readers_hear_of_it(
    make_job: MakeJob, redis_server: RedisServer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = make_job()
    with django_capture_on_commit_callbacks(execute=True):
        cancel(job)
        assert redis_server.client.xlen(stream_key(job.id)) == 0  # they would look at the database too early
    assert (job.status, job.completed_at is not None) == (Status.CANCELED, True)
    assert states.claim_next("w1", ["echo"]) is None
    ((_id, fields),) = redis_server.client.xrange(stream_key(job.id))
    assert fields["event"] == "finished"
    assert redis_server.client.ttl(stream_key(job.id)) > 0


def test_a_running_job_is_asked_to_stop_and_its_worker_is_told(
    make_job: MakeJob, redis_server: RedisServer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = make_job()
    assert states.claim_next("w1", ["echo"])
    with redis_server.client.pubsub(ignore_subscribe_messages=True) as messages:
        messages.subscribe(CANCEL_CHANNEL)
        messages.get_message(timeout=1)
        with django_capture_on_commit_callbacks(execute=True):
            cancel(job)
        message = messages.get_message(timeout=2)
    assert (job.status, job.cancel_requested) == (Status.RUNNING, True)
    assert message is not None
    assert message["data"] == str(job.id)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELED])
def test_a_job_that_has_ended_stays_as_it_is(make_job: MakeJob, redis_server: RedisServer, status: Status) -> None:
    job = make_job(status=status, output="kept")
    cancel(job)
    assert (job.status, job.output, job.cancel_requested) == (status, "kept", False)
    assert redis_server.client.keys() == []


def test_a_second_cancel_is_harmless(make_job: MakeJob, redis_server: RedisServer) -> None:
    queued = make_job()
    cancel(queued)
    cancel(queued)
    assert queued.status == Status.CANCELED
    running = make_job()
    states.claim_next("w1", ["echo"])
    cancel(running)
    cancel(running)
    assert (running.status, running.cancel_requested) == (Status.RUNNING, True)


def test_it_works_without_redis(make_job: MakeJob, redis_server: RedisServer) -> None:
    queued, running = make_job(), make_job()
    running = states.claim_next("w1", ["echo"]) or running
    (queued,) = Job.objects.exclude(id=running.id)
    redis_server.kill()
    cancel(queued)
    cancel(running)
    assert queued.status == Status.CANCELED
    assert running.cancel_requested


def test_a_job_that_is_given_back_meanwhile_is_canceled_too(
    make_job: MakeJob, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a running job that goes back to the queue between the two ways to cancel it
    make_job()
    job = states.claim_next("w1", ["echo"])
    assert job is not None
    ask = states.request_cancel

    def too_late(job_id: object) -> bool:
        monkeypatch.setattr(states, "request_cancel", ask)
        states.requeue(job)
        return ask(job.id)

    monkeypatch.setattr(states, "request_cancel", too_late)
    # When it is canceled
    cancel(job)
    # Then it is
    assert job.status == Status.CANCELED
