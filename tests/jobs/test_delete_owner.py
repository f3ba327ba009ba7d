"""A person goes with everything that is theirs, and their runs stop."""

from collections.abc import Callable

import pytest

from gptstore.accounts import keys
from gptstore.accounts.models import User
from gptstore.jobs.events.events import CANCEL_CHANNEL, stream_key
from gptstore.jobs.lifecycle import delete_owner as module
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.models import Job, Status
from harness.redis import RedisServer
from harness.rows import make_user
from harness.waiting import wait_until


@pytest.mark.django_db(transaction=True)
def test_running_jobs_are_canceled_first(make_job: Callable[..., Job], owner: User, redis_server: RedisServer) -> None:
    job = make_job(status=Status.RUNNING, attempt=1, worker="w1")
    messages = redis_server.client.pubsub(ignore_subscribe_messages=True)
    messages.subscribe(CANCEL_CHANNEL)
    found: list[str] = []

    def is_told() -> bool:
        message = messages.get_message(timeout=0.1)
        found.extend([message["data"]] if message else [])
        return str(job.id) in found

    delete_owner(owner)

    wait_until(is_told, "the worker to be told", 30)
    messages.close()
    assert states.owned_runs([job.id]) == {}  # what a worker stops by when no message reaches it


def test_runs_events_and_keys_go_in_pieces(
    make_job: Callable[..., Job], owner: User, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_AT_ONCE", 2)
    jobs = [make_job() for _ in range(5)]
    for job in jobs:
        redis_server.client.xadd(stream_key(job.id), {"text": "private"})
    _key, secret = keys.create_key(owner, "laptop")

    delete_owner(owner)

    assert not Job.objects.exists()
    assert not User.objects.exists()
    assert keys.authenticate(secret) is None
    assert not redis_server.client.keys("*")


def test_the_runs_of_others_stay(make_job: Callable[..., Job], owner: User, redis_server: RedisServer) -> None:
    make_job()
    other = make_job(owner=make_user("bob"))

    delete_owner(owner)

    assert list(Job.objects.all()) == [other]


def test_a_person_is_deleted_while_redis_is_away(
    make_job: Callable[..., Job], owner: User, redis_server: RedisServer
) -> None:
    make_job(status=Status.RUNNING, attempt=1, worker="w1")
    make_job()
    redis_server.kill()

    delete_owner(owner)

    assert not Job.objects.exists()
    assert not User.objects.exists()
