"""A worker cancels the jobs that have a time to be canceled by, its own and those of others."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from gptstore.jobs.models import Job, Status
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.jobs.run_end import EndReason
from worker.process.heartbeat import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(workshop: Callable[..., Workshop]) -> Workshop:
    return workshop(tools.echo)


@pytest.fixture
def pulse(here: Workshop) -> Heartbeat:
    return Heartbeat(here.node, slots=2)


def pass_time(job: Job) -> None:
    Job.objects.filter(id=job.id).update(cancel_after=timezone.now() - timedelta(seconds=1))


def test_a_queued_job_is_canceled(here: Workshop, pulse: Heartbeat) -> None:
    job, other = here.submit(tools.echo), here.submit(tools.echo)
    pass_time(job)
    pulse.take_care()
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.status, other.status) == (Status.CANCELED, Status.QUEUED)
    assert [event.name for event in here.events(job)] == ["finished"]


def test_a_run_is_stopped(here: Workshop, pulse: Heartbeat) -> None:
    run, other = here.begin(tools.echo), here.begin(tools.echo)
    here.node.runs = {run.key: run, other.key: other}
    pass_time(run.job)
    pulse.take_care()
    pulse.take_care()
    assert (run.stopped, (run.end.reason is EndReason.JOB_LOST), other.stopped) == (True, False, False)
