"""A drained worker claims nothing, calls for nobody, and takes itself off the queue of messages."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gptstore.catalog.models import Tool as ToolRow
from gptstore.celery import app
from gptstore.jobs.drain import drain, resume
from gptstore.jobs.models import Job, Status
from gptstore.jobs.sender import sender
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.process.heartbeat import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "gptstore"


class Consumer:
    """Celery's consumer as far as it is asked, with Celery's own list of queues."""

    app = app

    def call_soon(self, change: Callable[[str], None], queue: str) -> None:
        change(queue)

    def cancel_task_queue(self, queue: str) -> None:
        app.amqp.queues.deselect(queue)

    def add_task_queue(self, queue: str) -> None:
        app.amqp.queues.select_add(app.amqp.queues[queue])


@pytest.fixture
def here(workshop: Callable[..., Workshop]) -> Workshop:
    return workshop(tools.echo)


@pytest.fixture
def still(here: Workshop) -> Heartbeat:
    """A heartbeat that only does what the test says, of a worker that is known."""
    heartbeat = Heartbeat(here.node, slots=2, consumer=Consumer())
    heartbeat.beat()
    return heartbeat


def test_it_claims_nothing_from_the_moment_it_is_drained_until_it_is_resumed(here: Workshop, still: Heartbeat) -> None:
    job = here.submit(tools.echo)
    drain("w1", here.owner)
    assert not here.node.run_next()
    resume("w1", here.owner)
    assert here.node.run_next()
    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


def test_it_rings_for_no_job(here: Workshop, still: Heartbeat) -> None:
    here.submit(tools.echo)
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    drain("w1", here.owner)
    still.beat()
    sender().wanted.join()
    assert here.redis.client.llen(QUEUE) == 0


def test_its_consumer_leaves_the_queue_and_comes_back(here: Workshop, still: Heartbeat) -> None:
    assert QUEUE in app.amqp.queues.consume_from
    drain("w1", here.owner)
    still.beat(), still.beat()
    assert QUEUE not in app.amqp.queues.consume_from
    resume("w1", here.owner)
    still.beat()
    assert QUEUE in app.amqp.queues.consume_from


def test_a_claim_asks_the_database_twice(here: Workshop) -> None:
    job = here.submit(tools.echo)
    with CaptureQueriesContext(connection) as captured:
        assert here.node.claim() == job
    assert len(captured) == 2


def test_it_claims_no_job_of_a_tool_that_the_catalogue_has_of_another_plugin(here: Workshop) -> None:
    here.submit(tools.echo)
    ToolRow.objects.update(plugin="another")
    assert here.node.claim() is None
