"""How a run ends that takes too long: it is stopped, and when that does not help, its job ends without it."""

from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread

import pytest
import structlog
from django.db import DatabaseError, connection, connections

from gptstore.jobs.lifecycle import states
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.models import Job, Status
from gptstore.jobs.sender import sender
from gptstore.sdk import Tool
from harness.waiting import wait_until
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.running import run_job
from worker.engine.protocol import Engine, Request
from worker.jobs.outcome import abandon, seconds_until_due
from worker.jobs.run import Run
from worker.jobs.run_end import GRACE_SECONDS, EndReason
from worker.process import heartbeat as pulse_module
from worker.process.heartbeat import Heartbeat

Open = Callable[..., Workshop]

pytestmark = pytest.mark.django_db(transaction=True)


class Endless:
    """A script without end."""

    def __init__(self) -> None:
        self.flowing = Event()

    def __call__(self, request: Request) -> Iterable[str]:
        number = 0
        while True:
            number += 1
            if number > 3:
                self.flowing.set()
            yield f"{number} "


@pytest.fixture
def endless() -> Endless:
    return Endless()


@pytest.fixture
def here(workshop: Open, open_engine: Callable[..., Engine], endless: Endless) -> Workshop:
    return workshop(
        tools.echo, tools.busy, tools.waits, tools.brief, tools.talkative, engine=open_engine(endless, delay_s=0.005)
    )


@pytest.fixture
def pulse(here: Workshop) -> Heartbeat:
    """A pulse that only does what the test says."""
    return Heartbeat(here.node, slots=2)


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[tools.Waiting]:
    monkeypatch.setattr(tools, "waiting", tools.Waiting())
    yield tools.waiting
    tools.waiting.go_on.set()


class Going:
    """A job that runs in a thread of its own."""

    def __init__(self, here: Workshop, tool: Tool) -> None:
        self.here = here
        self.job: Job = here.submit(tool)
        self.thread = Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self) -> None:
        try:
            self.here.node.run_next()
        finally:
            connection.close()

    @property
    def run(self) -> Run:
        return next(run for run in self.here.node.running() if run.job.id == self.job.id)

    @property
    def events(self) -> list[str]:
        sender().wanted.join()
        return [event.name for event in self.here.events(self.job)]

    def end(self) -> Job:
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.row()

    def row(self) -> Job:
        self.job.refresh_from_db()
        return self.job


@pytest.fixture
def speaking(here: Workshop, endless: Endless) -> Going:
    """A job in the middle of an endless answer."""
    going = Going(here, tools.echo)
    assert endless.flowing.wait(5)
    return going


@pytest.fixture
def stuck(here: Workshop, waiting: tools.Waiting) -> Going:
    """A job whose tool never looks up."""
    going = Going(here, tools.busy)
    assert waiting.reached.wait(5)
    wait_until(lambda: here.spoken(going.job) == "before ", "the first word")
    return going


def pass_time(run: Run) -> None:
    """Its time is up."""
    run.end.deadline = 0.0


def pass_grace(run: Run) -> None:
    """And it was told so long ago."""
    run.end.patience_ends = 0.0


def test_a_run_over_its_time_is_stopped_and_keeps_what_it_said(speaking: Going, pulse: Heartbeat) -> None:
    # When its time is up
    pass_time(speaking.run)
    pulse.look()
    # Then it fails with the reason and with what it said
    job = speaking.end()
    assert (job.status, job.error_code) == (Status.FAILED, "timeout")
    assert "3,600 seconds" in job.error_message
    assert job.output == speaking.here.spoken(job) != ""
    assert job.completion_tokens >= len(job.output.split())
    assert speaking.events[-1] == "finished"
    assert speaking.here.node.engine.stats().running == 0


def test_a_run_within_its_time_goes_on(speaking: Going, pulse: Heartbeat) -> None:
    pulse.look()
    assert not speaking.run.stopped
    speaking.run.stop()
    assert speaking.end().status == Status.CANCELED


def test_what_its_author_allowed_is_enforced_by_the_pulse(
    here: Workshop, pulse: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a worker whose pulse beats, quicker than usual
    monkeypatch.setattr(pulse_module, "LOOK_SECONDS", 0.05)
    run = pulse.run

    def run_and_disconnect() -> None:
        try:
            run()
        finally:
            connections.close_all()

    monkeypatch.setattr(pulse, "run", run_and_disconnect)
    pulse.start()
    # When a tool speaks for longer than its author allowed
    job = Going(here, tools.brief).end()
    pulse.end()
    # Then its run was stopped
    assert (job.status, job.error_code) == (Status.FAILED, "timeout")
    assert job.output != ""
    assert job.duration is not None
    assert job.duration.total_seconds() >= 0.9


def test_a_cancel_wins_over_the_time(speaking: Going, pulse: Heartbeat) -> None:
    cancel(speaking.job)
    pass_time(speaking.run)
    pulse.look()
    job = speaking.end()
    assert (job.status, job.error_code) == (Status.CANCELED, "")
    assert job.output == speaking.here.spoken(job) != ""


def test_the_database_is_not_needed_to_stop_a_run(
    speaking: Going, pulse: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseError("away")

    pass_time(speaking.run)
    with monkeypatch.context() as broken:
        broken.setattr(states, "owned_runs", away)
        pulse.take_care()
    assert speaking.end().error_code == "timeout"


def test_a_run_whose_tool_has_ended_is_in_time_however_long_the_writing_takes(here: Workshop, pulse: Heartbeat) -> None:
    # Given a tool that has ended, and a run that has not written it yet
    run = here.begin(tools.echo)
    here.node.runs[run.key] = run
    run.finish()
    # When its time is up
    pass_time(run)
    pass_grace(run)
    pulse.look()
    # Then nobody stops it
    assert (run.end.limit, run.stopped, (run.end.reason is EndReason.JOB_LOST)) == (None, False, False)


def test_a_run_that_came_to_its_end_after_its_time_is_not_given_back_by_a_closing_worker(
    here: Workshop, pulse: Heartbeat, waiting: tools.Waiting
) -> None:
    going = Going(here, tools.waits)
    assert waiting.reached.wait(5)
    pass_time(going.run)
    pulse.look()
    here.node.close()
    waiting.go_on.set()
    job = going.end()
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "timeout", "before ")


class TestAToolThatNeverLooksUp:
    def test_it_has_some_patience(self, stuck: Going, pulse: Heartbeat) -> None:
        pass_time(stuck.run)
        pulse.look()
        assert stuck.run.end.limit
        pulse.look()
        assert stuck.row().status == Status.RUNNING

    def test_its_job_ends_without_it_and_nothing_more_is_written(
        self, stuck: Going, pulse: Heartbeat, waiting: tools.Waiting
    ) -> None:
        # When neither its time nor the patience is left
        with structlog.testing.capture_logs() as logs:
            pass_time(stuck.run)
            pulse.look()
            pass_grace(stuck.run)
            pulse.look()
            pulse.look()
        # Then the job has ended, and its reader and the operator know
        job = stuck.row()
        assert (job.status, job.error_code, job.output) == (Status.FAILED, "timeout", "before ")
        assert stuck.events == ["started", "output", "finished"]
        assert [log["tool"] for log in logs if log["event"] == "tool_goes_on"] == ["busy"]
        # And the tool, which still has its thread, changes nothing when it comes to an end
        assert stuck.run.end.reason is EndReason.JOB_LOST
        ended_at = job.completed_at
        waiting.go_on.set()
        job = stuck.end()
        assert waiting.cleaned_up.is_set()
        assert (job.status, job.output, job.completed_at) == (Status.FAILED, "before ", ended_at)
        assert stuck.events == ["started", "output", "finished"]
        assert stuck.here.node.running() == []

    def test_its_neighbours_go_on(self, stuck: Going, pulse: Heartbeat, endless: Endless) -> None:
        # Given another job on the same worker
        speaking = Going(stuck.here, tools.echo)
        assert endless.flowing.wait(5)
        # When the job of the tool that never looks up has ended
        pass_time(stuck.run)
        pulse.look()
        pass_grace(stuck.run)
        pulse.look()
        assert stuck.row().status == Status.FAILED
        # Then the other still runs
        said = speaking.run.requests.completion_tokens
        wait_until(lambda: speaking.run.requests.completion_tokens > said, "another token")
        # And a third can be claimed and run to its end
        third = Going(stuck.here, tools.talkative).end()
        assert (third.status, third.output) == (Status.SUCCEEDED, "abc")
        speaking.run.stop()
        assert speaking.end().status == Status.CANCELED

    def test_a_cancel_wins_there_too(self, stuck: Going, pulse: Heartbeat) -> None:
        cancel(stuck.job)
        pass_time(stuck.run)
        pulse.look()
        pass_grace(stuck.run)
        pulse.look()
        job = stuck.row()
        assert (job.status, job.error_code, job.output) == (Status.CANCELED, "", "before ")
        assert stuck.events[-1] == "finished"

    def test_a_canceled_job_does_not_wait_for_it_either(self, stuck: Going, pulse: Heartbeat) -> None:
        # When its job is canceled
        cancel(stuck.job)
        pulse.look()
        # Then the tool has a moment to end by itself
        assert stuck.run.stopped
        assert stuck.row().status == Status.RUNNING
        # And when it does not, the job ends without it
        pass_grace(stuck.run)
        pulse.look()
        job = stuck.row()
        assert (job.status, job.error_code, job.output) == (Status.CANCELED, "", "before ")
        assert stuck.events == ["started", "output", "finished"]

    def test_its_job_is_left_to_others_when_its_worker_goes(self, stuck: Going, pulse: Heartbeat) -> None:
        stuck.here.node.close()
        pass_grace(stuck.run)
        pulse.look()
        assert (stuck.row().status, (stuck.run.end.reason is EndReason.JOB_LOST)) == (Status.RUNNING, False)

    def test_the_end_is_written_when_the_database_is_back(
        self, stuck: Going, pulse: Heartbeat, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise DatabaseError("away")

        pass_time(stuck.run)
        pulse.look()
        pass_grace(stuck.run)
        with monkeypatch.context() as broken:
            broken.setattr(states, "finish", away)
            pulse.take_care()
        assert (stuck.row().status, (stuck.run.end.reason is EndReason.JOB_LOST)) == (Status.RUNNING, False)
        pulse.take_care()
        assert (stuck.row().status, (stuck.run.end.reason is EndReason.JOB_LOST)) == (Status.FAILED, True)


def test_a_run_that_ends_while_it_is_given_up_has_one_end(here: Workshop) -> None:
    # Given a run that came to its end by itself
    run = here.begin(tools.waits)
    tools.waiting.go_on.set()
    run_job(run, here.node.host)
    # When it is given up at the same time
    abandon(run)
    # Then that end stays, and readers are told once
    run.job.refresh_from_db()
    assert (run.job.status, run.job.error_code) == (Status.SUCCEEDED, "")
    sender().wanted.join()
    assert [event.name for event in here.events(run.job)].count("finished") == 1


class TestThePulseIsThereInTime:
    def test_for_the_first_deadline(self, here: Workshop) -> None:
        runs = [here.begin(tools.echo), here.begin(tools.brief)]
        assert 0.5 < seconds_until_due(runs, most=60) <= 1
        assert seconds_until_due(runs, most=0.5) == 0.5

    def test_for_the_end_of_patience(self, here: Workshop) -> None:
        run = here.begin(tools.echo)
        run.stop()
        assert 0.1 <= seconds_until_due([run], most=60) <= GRACE_SECONDS

    def test_without_asking_all_the_time(self, here: Workshop) -> None:
        run = here.begin(tools.echo)
        run.stop()
        pass_grace(run)
        assert seconds_until_due([run], most=60) == 0.1

    def test_and_has_time_when_nothing_is_due(self, here: Workshop) -> None:
        ended = here.begin(tools.echo)
        ended.finish()
        assert seconds_until_due([], most=1) == seconds_until_due([ended], most=1) == 1
