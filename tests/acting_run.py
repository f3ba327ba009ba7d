"""A worker that does what a test says, through the same functions as a real one."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gptstore.jobs.estimate.wait_estimate import estimator
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.outcome import Outcome, Usage
from gptstore.jobs.models import Job, Status


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    """What was seen in an earlier test is no news."""
    estimator.forget()


@dataclass
class ActingRun:
    """One attempt at one job."""

    job: Job
    publisher: Publisher

    def say(self, *pieces: str) -> None:
        for piece in pieces:
            self.publisher.output(piece, tokens=1)
            self.publisher.flush()

    def end(self) -> None:
        assert states.finish(self.job, Outcome(Status.SUCCEEDED, self.publisher.text, Usage(3, self.publisher.tokens)))
        self.publisher.finish()


@pytest.fixture
def begin(make_job: Callable[..., Job]) -> Callable[..., ActingRun]:
    """Claim the next job, a new one when none waits, and publish its first event."""

    def claim(worker: str = "w1") -> ActingRun:
        job = states.claim_next(worker, ["echo"])
        if job is None:
            make_job()
            job = states.claim_next(worker, ["echo"])
        assert job is not None
        run = ActingRun(job, Publisher(job))
        run.publisher.start()
        run.publisher.flush()
        return run

    return claim
