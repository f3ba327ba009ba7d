"""Whatever happens to jobs in whatever order: each ends once, by the run that owns it, and turns are fair."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.outcome import JobError, Outcome, Usage
from gptstore.jobs.models import FINAL, Job, Status
from harness.redis import RedisServer
from harness.rows import make_user

TOOLS = {"w1": ["echo", "shout"], "w2": ["shout"], "w3": ["other", "echo"]}
WORKERS = st.sampled_from(list(TOOLS))
OWNERS = st.integers(0, 2)


@dataclass
class Expected:
    """What the row of a job must say."""

    owner: int
    tool: str
    batch: bool
    status: Status = Status.QUEUED
    attempt: int = 0
    worker: str = ""
    output: str = ""
    canceled: bool = False
    expired: bool = False


class JobMachine(RuleBasedStateMachine):
    """Drives the real functions beside a model of them. `runs` are claims, of which most have been lost since."""

    owners: list[User]
    submit_for: Callable[[User, str, bool], Job]
    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        self.jobs: dict[Any, Expected] = {}
        self.written = 0

    def running_of(self, owner: int) -> int:
        return sum(one.status == Status.RUNNING for one in self.jobs.values() if one.owner == owner)

    def is_mine(self, run: Job) -> bool:
        one = self.jobs[run.id]
        return one.status == Status.RUNNING and one.attempt == run.attempt

    @initialize(target=runs, worker=WORKERS)
    def begin(self, worker: str) -> Any:
        for owner in (0, 0, 0, 1, 2):
            self.submit(owner, "echo", batch=False)
            self.submit(owner, "shout", batch=owner == 0)
        return multiple(self.claim(worker), self.claim(worker))

    @rule(owner=OWNERS, tool=st.sampled_from(["echo", "shout"]), batch=st.booleans())
    def submit(self, owner: int, tool: str, batch: bool) -> None:
        self.jobs[self.submit_for(self.owners[owner], tool, batch).id] = Expected(owner, tool, batch)

    @rule(target=runs, worker=WORKERS)
    def claim(self, worker: str) -> Any:
        turns = [
            (one.batch, self.running_of(one.owner), job_id)
            for job_id, one in self.jobs.items()
            if one.status == Status.QUEUED and one.tool in TOOLS[worker]
        ]
        job = states.claim_next(worker, TOOLS[worker])
        if not turns:
            assert job is None
            return multiple()
        assert job is not None
        assert job.id == min(turns)[-1]
        one = self.jobs[job.id]
        one.status, one.attempt, one.worker, one.expired = Status.RUNNING, one.attempt + 1, worker, False
        assert (job.attempt, job.worker) == (one.attempt, worker)
        return job

    @rule(run=runs)
    def renew(self, run: Job) -> None:
        states.renew(run.worker, [run.id])
        one = self.jobs[run.id]
        if one.status == Status.RUNNING and one.worker == run.worker:
            one.expired = False

    @rule(run=runs)
    def time_passes(self, run: Job) -> None:
        Job.objects.filter(id=run.id, status=Status.RUNNING).update(
            lease_expires_at=timezone.now() - timedelta(seconds=1)
        )
        self.jobs[run.id].expired = True

    @rule(worker=WORKERS)
    def leave(self, worker: str) -> None:
        states.expire_leases(worker)
        for one in self.jobs.values():
            if one.status == Status.RUNNING and one.worker == worker:
                one.expired = True

    @rule()
    def sweep(self) -> None:
        lost = {key: one for key, one in self.jobs.items() if one.status == Status.RUNNING and one.expired}
        ended = set(states.requeue_expired().ended)
        for job_id, one in lost.items():
            if one.canceled:
                one.status = Status.CANCELED
            elif one.attempt >= states.MAX_ATTEMPTS:
                one.status = Status.FAILED
            else:
                one.status, one.worker = Status.QUEUED, ""
            assert (job_id in ended) == (one.status in FINAL)

    @rule(target=runs, run=runs, worker=WORKERS)
    def lose(self, run: Job, worker: str) -> Any:
        """A worker dies, and another one goes on."""
        self.time_passes(run)
        self.sweep()
        return self.claim(worker)

    @rule(run=runs, kind=st.sampled_from(["succeed", "fail", "cancel", "release", "give_up"]))
    def end(self, run: Job, kind: str) -> None:
        """Also late, and again: only the run that owns the job writes anything."""
        one, mine = self.jobs[run.id], self.is_mine(run)
        self.written += 1
        text = f"text {self.written}"
        if kind == "release":
            assert states.requeue(run) == (mine and not one.canceled)
            if mine and not one.canceled:
                one.status, one.worker = Status.QUEUED, ""
            return
        if kind == "give_up":
            if not states.is_exhausted(run):
                return
            error = states.lost_too_often(run)
            assert states.finish(run, Outcome(Status.FAILED, text, Usage(1, 1), error)) == mine
        elif kind == "succeed":
            assert states.finish(run, Outcome(Status.SUCCEEDED, text, Usage(1, 1))) == mine
        elif kind == "fail":
            error = JobError(ErrorCode.TOOL_ERROR, "no")
            assert states.finish(run, Outcome(Status.FAILED, text, Usage(1, 1), error)) == mine
        else:
            assert states.finish(run, Outcome(Status.CANCELED, text, Usage(1, 1))) == mine
        if mine:
            one.output = text
            one.status = {"succeed": Status.SUCCEEDED, "cancel": Status.CANCELED}.get(kind, Status.FAILED)

    @rule(owner=OWNERS, newest=st.booleans())
    def cancel_one(self, owner: int, newest: bool) -> None:
        theirs = sorted(job_id for job_id, one in self.jobs.items() if one.owner == owner and one.status not in FINAL)
        if not theirs:
            return
        job_id = theirs[-1 if newest else 0]
        cancel(Job.objects.get(id=job_id))
        one = self.jobs[job_id]
        one.canceled = True
        if one.status == Status.QUEUED:
            one.status = Status.CANCELED

    @invariant()
    def rows_say_what_happened(self) -> None:
        rows = {job.id: job for job in Job.objects.all()}
        assert rows.keys() == self.jobs.keys()
        for job_id, one in self.jobs.items():
            job = rows[job_id]
            assert (job.status, job.attempt, job.output) == (one.status, one.attempt, one.output)
            assert (job.completed_at is not None) == (one.status in FINAL)
            assert one.status in FINAL or job.worker == one.worker
            assert (job.lease_expires_at is None) or one.status != Status.QUEUED


@pytest.mark.django_db
def test_every_order_of_events_ends_each_job_once(
    owner: User, echo: Tool, make_job: Callable[..., Job], redis_server: RedisServer
) -> None:
    tools = {"echo": echo, "shout": Tool.objects.get(id=echo.id)}
    tools["shout"].id, tools["shout"].slug = None, "shout"
    tools["shout"].save()

    class Machine(JobMachine):
        owners = [owner, *(make_user(f"other-{number}") for number in range(2))]

        def submit_for(self, who: User, tool: str, batch: bool) -> Job:
            return make_job(owner=who, tool=tools[tool], batch=batch)

    quiet = list(HealthCheck)
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=quiet)
    )
