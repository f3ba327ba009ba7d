"""The one reason for which a run ends, and what becomes of its job then."""

from collections.abc import Callable

import pytest

from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import JobError
from gptstore.jobs.models import Job, Status
from gptstore.sdk.limits import SECONDS
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.hosts.limit import Limit
from worker.jobs.outcome import conclude, outcome_of
from worker.jobs.run import Run
from worker.jobs.run_end import DIED, REQUEUES, EndReason, RunEnd

pytestmark = pytest.mark.django_db(transaction=True)

ERROR = JobError(ErrorCode.TOOL_ERROR, "Too short.")


@pytest.fixture
def run(workshop: Callable[..., Workshop]) -> Run:
    return workshop(tools.echo).begin(tools.echo)


@pytest.fixture
def end() -> RunEnd:
    return RunEnd(Limit(SECONDS, 60, 60))


def test_the_first_reason_counts(end: RunEnd) -> None:
    end.set(EndReason.CANCELED)
    end.set(EndReason.HOST_LOST)
    assert end.reason is EndReason.CANCELED


@pytest.mark.parametrize("first", [*EndReason])
def test_a_lost_job_counts_for_more_than_all_others(end: RunEnd, first: EndReason) -> None:
    end.set(first)
    end.set(EndReason.JOB_LOST)
    assert end.reason is EndReason.JOB_LOST


@pytest.mark.parametrize("first", sorted(REQUEUES, key=str))
def test_a_run_whose_time_is_up_does_not_go_back_to_the_queue(end: RunEnd, first: EndReason) -> None:
    end.set(first)
    end.deadline = 0.0
    end.time_out()
    assert (end.reason, end.limit) == (EndReason.LIMIT, end.time)


@pytest.mark.parametrize("first", [EndReason.FINISHED, EndReason.CANCELED, EndReason.JOB_LOST])
def test_time_is_not_up_for_a_run_that_has_ended(end: RunEnd, first: EndReason) -> None:
    end.set(first)
    end.deadline = 0.0
    end.time_out()
    assert (end.reason, end.limit) == (first, None)


@pytest.mark.parametrize(
    ("reason", "error", "status"),
    [
        (EndReason.FINISHED, None, Status.SUCCEEDED),
        (EndReason.FINISHED, ERROR, Status.FAILED),
        (EndReason.CANCELED, ERROR, Status.CANCELED),
        (EndReason.WORKER_CLOSING, None, Status.CANCELED),
    ],
)
def test_the_reason_decides_the_status(run: Run, reason: EndReason, error: JobError | None, status: Status) -> None:
    run.stop(reason)
    assert outcome_of(run, error).status == status


@pytest.mark.parametrize("reason", sorted(REQUEUES, key=str))
def test_only_what_dies_under_its_last_attempt_fails(run: Run, reason: EndReason) -> None:
    # Given a run that is the last attempt
    Job.objects.filter(id=run.job.id).update(attempt=states.MAX_ATTEMPTS)
    run.job.refresh_from_db()
    # When it ends without having come to its end
    run.stop(reason)
    conclude(run, None)
    # Then a worker that closes is no reason to fail
    run.job.refresh_from_db()
    lost = (Status.FAILED, ErrorCode.WORKER_LOST)
    assert (run.job.status, run.job.error_code) == (lost if reason in DIED else (Status.QUEUED, ""))
