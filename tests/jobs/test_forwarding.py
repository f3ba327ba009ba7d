"""A message that wakes a worker for nothing goes on to the worker that it is for, and never around for ever."""

import json
from collections.abc import Callable

import pytest

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs import workers
from gptstore.jobs.drain import drain
from gptstore.jobs.lifecycle.forwarding import ROUNDS, forward
from gptstore.jobs.models import Status
from gptstore.jobs.sender import sender
from gptstore.jobs.workers import WorkerInfo
from harness.redis import RedisServer
from harness.rows import make_job, make_tool

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "gptstore"
MINE = {"": ["shout"]}

Passed = Callable[..., int | None]


@pytest.fixture
def passed_on(redis_server: RedisServer) -> Passed:
    """What the message says that `me` passes on; None when it keeps it."""

    def ask(passed: int = 0) -> int | None:
        is_passed = forward("me", MINE, passed)
        sender().wanted.join()
        message = redis_server.client.lpop(QUEUE)
        assert is_passed == (message is not None)
        return json.loads(message)["headers"]["passed"] if message else None

    return ask


@pytest.fixture
def rare(owner: User) -> Tool:
    """A tool that `other` has and `me` lacks, with a job."""
    beat("me", MINE)
    beat("other", {"": ["shout", "rare"]})
    tool = make_tool("rare")
    make_job(owner, tool)
    return tool


def beat(name: str, offers: dict[str, list[str]]) -> None:
    workers.beat(WorkerInfo(name, "m", True, 1, 1024, "cpu", [], slots=1, offers=offers))


def test_a_message_for_another_worker_goes_on(passed_on: Passed, rare: Tool) -> None:
    assert passed_on() == 1
    assert passed_on(passed=1) == 2


def test_a_message_ends_after_its_rounds(passed_on: Passed, rare: Tool) -> None:
    assert passed_on(passed=2 * ROUNDS - 1) == 2 * ROUNDS
    assert passed_on(passed=2 * ROUNDS) is None


def test_a_message_ends_when_nothing_waits(passed_on: Passed, rare: Tool) -> None:
    rare.jobs.all().delete()
    assert passed_on() is None


def test_a_job_that_the_worker_itself_can_run_is_left_to_it(passed_on: Passed, rare: Tool, owner: User) -> None:
    rare.jobs.all().delete()
    make_job(owner, make_tool("shout"))
    assert passed_on() is None


def test_a_message_for_nobody_ends(passed_on: Passed, rare: Tool) -> None:
    rare.jobs.update(release="rare 2")
    assert passed_on() is None


def test_a_release_that_another_worker_has_is_its_own(passed_on: Passed, rare: Tool) -> None:
    rare.jobs.update(release="rare 2")
    beat("other", {"rare 2": ["rare"]})
    assert passed_on() == 1


def test_a_worker_without_a_free_slot_gets_none(passed_on: Passed, rare: Tool, owner: User) -> None:
    make_job(owner, rare, Status.RUNNING, worker="other")
    assert passed_on() is None


def test_a_drained_worker_gets_none(passed_on: Passed, rare: Tool, owner: User) -> None:
    drain("other", owner)
    assert passed_on() is None
