"""Workers are told at once when other releases are wanted."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from django.db import transaction

from gptstore.jobs.sender import sender
from gptstore.releases.deploy import activate, deploy, roll_back, take_down
from gptstore.releases.models import Release
from gptstore.releases.quarantine import quarantine, yank
from harness.redis import RedisServer
from harness.waiting import wait_until
from tests.releases.conftest import Approved
from worker.process.release_doorbell import ReleaseDoorbell

pytestmark = pytest.mark.django_db(transaction=True)
Change = Callable[[Release], object]


@pytest.fixture
def heard(redis_server: RedisServer) -> Iterator[Event]:
    """Is set by each ring, from the one on that says that somebody listens."""
    heard = Event()
    doorbell = ReleaseDoorbell(heard.set)
    doorbell.start()
    assert heard.wait(60), "it may have missed rings before it listened"
    heard.clear()
    yield heard
    doorbell.close()
    doorbell.join(60)


def undo(release: Release) -> None:
    roll_back(release.plugin, None)


def rings_still(heard: Event) -> bool:
    heard.clear()
    return heard.wait(0.5)


CHANGES: dict[str, Change] = {
    "deploy": lambda release: deploy(release, None),
    "roll back": undo,
    "take down": lambda release: take_down(release.plugin, None),
    "quarantine": lambda release: quarantine(release, "It crashed."),
    "yank": lambda release: yank(release, release.submitted_by or pytest.fail("nobody"), "It leaks."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_rings_once_it_is_committed(heard: Event, approved: Approved, change: str) -> None:
    first, second = approved("1.0"), approved("1.1")
    for release in (first, second):
        assert activate(deploy(release, None))
    sender().wanted.join()
    wait_until(lambda: not rings_still(heard), "the rings of before")
    with transaction.atomic():
        CHANGES[change](second)
        assert not heard.wait(0.2), "it is not committed yet"

    assert heard.wait(60)


def test_a_doorbell_that_was_away_rings_when_it_is_back(heard: Event, redis_server: RedisServer) -> None:
    redis_server.client.client_kill_filter(_type="pubsub")

    assert heard.wait(60)
