"""Who hears that a job has ended, when, and what happens when the listener is slow or broken."""

from collections.abc import Callable, Iterator
from queue import Queue
from threading import Event
from typing import Any

import pytest
import structlog

from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job, Status
from gptstore.sdk import Tool
from harness.waiting import wait_until
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.hooks.conftest import hook
from tests.worker.running import run_job
from worker.hooks import FinishedJob
from worker.hooks.loading import LoadedHook
from worker.hooks.notifier import Notifier
from worker.hooks.registry import OperatorHooks
from worker.hosts.base import JobPort, ToolCall
from worker.hosts.errors import HostLost
from worker.hosts.inprocess import InProcessHost
from worker.jobs.outcome import abandon

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Workshop]
PATIENCE = 10.0


@pytest.fixture
def told() -> "Queue[FinishedJob]":
    return Queue()


@pytest.fixture
def listening(workshop: Open, told: "Queue[FinishedJob]") -> Iterator[Callable[..., Workshop]]:
    """A workshop with a hook that puts all that it hears into `told`, after the given hooks."""
    opened: list[OperatorHooks] = []

    def make(*of: Tool, before: tuple[LoadedHook, ...] = ()) -> Workshop:
        here = workshop(*of)
        here.node.hooks = OperatorHooks([*before, hook("listener", job_finished=lambda job: told.put(job))])
        opened.append(here.node.hooks)
        return here

    yield make
    for hooks in opened:
        hooks.close()


def fact(number: int) -> FinishedJob:
    return FinishedJob(str(number), "echo", 7, 1, "succeeded", "", 1, 2, 0.5)


def test_a_job_that_ended_is_told_once_with_what_is_kept(
    listening: Callable[..., Workshop], told: "Queue[FinishedJob]"
) -> None:
    here = listening(tools.echo, tools.refuse)
    good, bad = here.run(tools.echo, text="a b"), here.run(tools.refuse)
    first, second = told.get(timeout=PATIENCE), told.get(timeout=PATIENCE)
    assert good.duration is not None
    assert first == FinishedJob(
        str(good.id), "echo", here.owner.id, 1, "succeeded", "", 2, 2, good.duration.total_seconds()
    )
    assert (second.id, second.status, second.error_code) == (str(bad.id), "failed", "tool_error")
    here.node.hooks.close()
    assert told.empty()


def test_it_is_told_after_the_end_is_kept_and_readers_know(workshop: Open) -> None:
    seen: Queue[Any] = Queue()
    here = workshop(tools.echo)

    class Watching(OperatorHooks):
        def finished(self, job: FinishedJob) -> None:
            row = Job.objects.get(id=job.id)
            seen.put((row.status, here.events(row)[-1].name))

    here.node.hooks = Watching([hook(job_finished=lambda: None)])
    here.run(tools.echo)
    assert seen.get(timeout=PATIENCE) == (Status.SUCCEEDED, "finished")


def test_a_run_that_lost_its_job_tells_nothing(listening: Callable[..., Workshop], told: "Queue[FinishedJob]") -> None:
    here = listening(tools.echo)
    run = here.begin(tools.echo)
    states.requeue(run.job)
    run_job(run, here.node.host)
    here.node.hooks.close()
    assert told.empty()


def test_a_job_whose_host_died_too_often_is_told(
    listening: Callable[..., Workshop], told: "Queue[FinishedJob]"
) -> None:
    class LosingHost(InProcessHost):
        def run(self, call: ToolCall, port: JobPort) -> None:
            raise HostLost

    here = listening(tools.echo)
    here.node.host = LosingHost(here.node.host.plugins)  # type: ignore[attr-defined]
    here.submit(tools.echo)
    for _ in range(3):
        assert here.node.run_next()
    job = told.get(timeout=PATIENCE)
    assert (job.error_code, job.attempt) == ("worker_lost", 3)
    here.node.hooks.close()
    assert told.empty()


def test_a_job_that_ends_without_its_tool_is_told_once(
    listening: Callable[..., Workshop], told: "Queue[FinishedJob]"
) -> None:
    here = listening(tools.echo)
    run = here.begin(tools.echo)
    run.stop()
    abandon(run)
    run_job(run, here.node.host)
    assert told.get(timeout=PATIENCE).status == "canceled"
    here.node.hooks.close()
    assert told.empty()


@pytest.mark.parametrize("fault", [ValueError, SystemExit])
def test_a_listener_that_fails_changes_nothing_and_stops_nobody(
    listening: Callable[..., Workshop], told: "Queue[FinishedJob]", fault: type[BaseException]
) -> None:
    def fail() -> None:
        raise fault

    here = listening(tools.echo, before=(hook("acme", job_finished=fail),))
    with structlog.testing.capture_logs() as logs:
        assert here.run(tools.echo).status == Status.SUCCEEDED
        assert here.run(tools.echo).status == Status.SUCCEEDED
        told.get(timeout=PATIENCE)
        told.get(timeout=PATIENCE)
    assert [line["hook"] for line in logs if line["event"] == "hook_failed"] == ["acme", "acme"]


def test_a_job_whose_row_cannot_be_read_has_ended_all_the_same(
    listening: Callable[..., Workshop], told: "Queue[FinishedJob]", monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("worker.jobs.outcome.read_finished", fail)
    here = listening(tools.echo)
    with structlog.testing.capture_logs() as logs:
        assert here.run(tools.echo).status == Status.SUCCEEDED
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["notification_failed"]


def test_nobody_waits_for_a_slow_listener(workshop: Open) -> None:
    # Given a listener that does not come back until the test lets it
    go_on, heard = Event(), Queue[str]()

    def slow(job: FinishedJob) -> None:
        assert go_on.wait(PATIENCE)
        heard.put(job.id)

    here = workshop(tools.echo)
    here.node.hooks = OperatorHooks([hook(job_finished=slow)])
    # When two jobs run
    jobs = [here.run(tools.echo), here.run(tools.echo)]
    # Then both have ended, and it hears of them in their order
    assert [job.status for job in jobs] == [Status.SUCCEEDED, Status.SUCCEEDED]
    assert heard.empty()
    go_on.set()
    assert [heard.get(timeout=PATIENCE) for _ in jobs] == [str(job.id) for job in jobs]
    here.node.hooks.close()


def test_what_a_slow_listener_cannot_take_is_left_out_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.hooks.notifier.MAX_WAITING", 2)
    go_on, begun = Event(), Event()

    def slow() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    teller = Notifier([hook(job_finished=slow)])
    teller.put(fact(0))
    assert begun.wait(PATIENCE)
    with structlog.testing.capture_logs() as logs:
        for number in range(1, 5):
            teller.put(fact(number))
    assert [(line["event"], line["job"]) for line in logs] == [
        ("notification_failed", "3"),
        ("notification_failed", "4"),
    ]
    go_on.set()
    teller.close(PATIENCE)


def test_a_worker_that_stops_tells_what_waits_but_does_not_wait_for_ever() -> None:
    heard: list[str] = []
    teller = Notifier([hook(job_finished=lambda job: heard.append(job.id))])
    for number in range(50):
        teller.put(fact(number))
    teller.close(PATIENCE)
    assert heard == [str(number) for number in range(50)]

    go_on = Event()
    stuck = Notifier([hook(job_finished=lambda job: go_on.wait(PATIENCE))])
    stuck.put(fact(1))
    stuck.close(0.05)
    assert stuck.thread is not None
    assert stuck.thread.is_alive()
    go_on.set()
    wait_until(lambda: not stuck.thread.is_alive(), "the end of the thread")  # type: ignore[union-attr]
    Notifier([]).close()
