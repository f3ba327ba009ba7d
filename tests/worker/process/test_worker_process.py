"""What becomes of a job that a worker claimed and could not even begin."""

from collections.abc import Callable
from typing import Any

import pytest

from gptstore.jobs.models import Status
from gptstore.jobs.sender import sender
from tests.worker import tools
from tests.worker.conftest import Workshop
from worker.process import worker_process

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_claimed_job_whose_run_cannot_be_made_fails_at_once(
    workshop: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    here = workshop(tools.echo)
    monkeypatch.setattr(worker_process, "Run", fail)
    job = here.run(tools.echo)
    sender().wanted.join()
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "internal_error", "")
    assert [event.name for event in here.events(job)] == ["finished"]
