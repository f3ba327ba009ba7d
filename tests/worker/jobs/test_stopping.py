"""How a run ends before its tool does: canceled, or handed back when the worker goes."""

from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread

import pytest
from django.db import connection

from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job, Status
from gptstore.sdk import Tool
from harness.waiting import wait_until
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.running import run_job
from worker.engine.errors import EngineStopped
from worker.engine.protocol import Engine, Request
from worker.jobs.run import Run

Open = Callable[..., Workshop]

pytestmark = pytest.mark.django_db(transaction=True)


class Endless:
    """A script without end; counts the pieces that the engine took."""

    def __init__(self) -> None:
        self.made = 0
        self.flowing = Event()

    def __call__(self, request: Request) -> Iterable[str]:
        while True:
            self.made += 1
            if self.made > 3:
                self.flowing.set()
            yield f"{self.made} "


@pytest.fixture
def endless() -> Endless:
    return Endless()


@pytest.fixture
def flowing(workshop: Open, open_engine: Callable[..., Engine], endless: Endless) -> Callable[..., "Going"]:
    def start(tool: Tool, attempts_before: int = 0) -> Going:
        return Going(workshop(tool, engine=open_engine(endless, delay_s=0.005)), tool, attempts_before)

    return start


@pytest.fixture(autouse=True)
def fresh_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tools, "waiting", tools.Waiting())
    yield
    tools.waiting.go_on.set()


class Going:
    """A job that runs in a thread of its own."""

    def __init__(self, here: Workshop, tool: Tool, attempts_before: int) -> None:
        self.here = here
        self.job: Job = here.submit(tool)
        Job.objects.update(attempt=attempts_before)
        self.raised: BaseException | None = None
        self.thread = Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self) -> None:
        try:
            self.here.node.run_next()
        except BaseException as error:
            self.raised = error
        finally:
            connection.close()

    @property
    def run(self) -> Run:
        (run,) = self.here.node.running()
        return run

    def end(self) -> Job:
        self.thread.join(10)
        assert not self.thread.is_alive()
        self.job.refresh_from_db()
        return self.job


def test_cancel_stops_the_model_and_keeps_what_was_said(flowing: Callable[[Tool], Going], endless: Endless) -> None:
    # Given a job in the middle of an endless answer
    going = flowing(tools.echo)
    assert endless.flowing.wait(5)
    wait_until(lambda: len(going.run.publisher.text.split()) >= 3, "three words")
    # When it is canceled
    states.request_cancel(going.job.id)
    made = endless.made
    going.run.stop()
    job = going.end()
    # Then the model stops within a token, and nothing that it said is lost
    assert endless.made <= made + 1
    assert (job.status, job.error_code) == (Status.CANCELED, "")
    assert job.output == going.here.spoken(job)
    assert job.output.split() == [str(number + 1) for number in range(len(job.output.split()))]
    assert len(job.output.split()) >= 3
    assert job.completion_tokens >= len(job.output.split())
    assert job.prompt_tokens == 3
    assert going.here.events(job)[-1].name == "finished"
    assert going.here.node.engine.stats().running == 0


def test_a_tool_that_swallows_every_error_is_canceled_too(flowing: Callable[[Tool], Going], endless: Endless) -> None:
    going = flowing(tools.stubborn)
    assert endless.flowing.wait(5)
    going.run.stop()
    job = going.end()
    assert job.status == Status.CANCELED
    assert "never mind" not in job.output


def test_a_tool_that_swallows_being_canceled_gets_nothing_more_out(
    flowing: Callable[[Tool], Going], endless: Endless
) -> None:
    going = flowing(tools.deaf)
    assert endless.flowing.wait(5)
    going.run.stop()
    job = going.end()
    assert job.status == Status.CANCELED
    assert "still here" not in job.output


def test_a_tool_that_never_asks_the_model_stops_at_its_next_word(flowing: Callable[[Tool], Going]) -> None:
    going = flowing(tools.waits)
    assert tools.waiting.reached.wait(5)
    going.run.stop()
    tools.waiting.go_on.set()
    job = going.end()
    assert (job.status, job.output) == (Status.CANCELED, "before ")
    assert tools.waiting.cleaned_up.is_set()


def test_a_canceled_run_asks_the_model_nothing_more(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    asked: list[Request] = []
    here = workshop(tools.echo, engine=open_engine(lambda request: asked.append(request) or ["x"]))
    run = here.begin(tools.echo)
    states.request_cancel(run.job.id)
    run.stop()
    run_job(run, here.node.host)
    run.job.refresh_from_db()
    assert (run.job.status, run.job.output, asked) == (Status.CANCELED, "", [])


def test_a_worker_that_closes_gives_its_jobs_back(flowing: Callable[[Tool], Going], endless: Endless) -> None:
    going = flowing(tools.echo)
    assert endless.flowing.wait(5)
    going.here.node.close()
    job = going.end()
    assert (job.status, job.worker, job.output) == (Status.QUEUED, "", "")
    assert going.raised is None
    assert "finished" not in [event.name for event in going.here.events(job)]
    assert going.here.redis.client.llen("gptstore") == 1, "another worker is told at once"


def test_a_job_of_a_tool_that_swallows_errors_is_given_back_and_not_half_done(
    flowing: Callable[[Tool], Going], endless: Endless
) -> None:
    going = flowing(tools.stubborn)
    assert endless.flowing.wait(5)
    going.here.node.close()
    assert going.end().status == Status.QUEUED


def test_a_job_that_never_asks_the_model_is_given_back_too(flowing: Callable[[Tool], Going]) -> None:
    going = flowing(tools.waits)
    assert tools.waiting.reached.wait(5)
    going.here.node.close()
    tools.waiting.go_on.set()
    assert going.end().status == Status.QUEUED


def test_a_job_that_was_canceled_is_not_given_back(flowing: Callable[[Tool], Going], endless: Endless) -> None:
    going = flowing(tools.echo)
    assert endless.flowing.wait(5)
    states.request_cancel(going.job.id)
    going.here.node.close()
    job = going.end()
    assert job.status == Status.CANCELED
    assert job.output == going.here.spoken(job) != ""


def test_a_closed_worker_claims_nothing(workshop: Open) -> None:
    here = workshop(tools.echo)
    here.submit(tools.echo)
    here.node.close()
    assert not here.node.run_next()
    assert Job.objects.get().status == Status.QUEUED


def test_a_worker_whose_engine_died_gives_the_job_back_and_takes_no_other(
    flowing: Callable[[Tool], Going], endless: Endless
) -> None:
    # Given a job in the middle, and an engine that ends by itself
    going = flowing(tools.stubborn)
    assert endless.flowing.wait(5)
    going.here.node.engine.close()
    # Then another worker gets the job, and this one says that it is of no use
    assert going.end().status == Status.QUEUED
    assert isinstance(going.raised, EngineStopped)
    assert not going.here.node.run_next()


def test_a_job_under_which_the_engines_of_three_workers_died_is_given_up(
    flowing: Callable[..., Going], endless: Endless
) -> None:
    # Given a job that two workers have lost already
    going = flowing(tools.echo, attempts_before=states.MAX_ATTEMPTS - 1)
    assert endless.flowing.wait(5)
    # When the engine of the third dies too
    going.here.node.engine.close()
    # Then it ends with what it said, or it would end the engines of all workers for ever
    job = going.end()
    assert (job.status, job.error_code) == (Status.FAILED, "worker_lost")
    assert job.output == going.here.spoken(job) != ""
    assert going.here.events(job)[-1].name == "finished"
    assert isinstance(going.raised, EngineStopped)


def test_a_worker_that_is_told_to_close_gives_back_a_job_at_its_last_attempt_too(
    flowing: Callable[..., Going], endless: Endless
) -> None:
    going = flowing(tools.echo, attempts_before=states.MAX_ATTEMPTS - 1)
    assert endless.flowing.wait(5)
    going.here.node.close()
    assert going.end().status == Status.QUEUED


def test_two_attempts_of_one_job_on_one_worker_do_not_mix(flowing: Callable[[Tool], Going]) -> None:
    # Given a run that lost its job, and its worker claims the job again
    first = flowing(tools.waits)
    assert tools.waiting.reached.wait(5)
    states.requeue(first.run.job)
    first_waiting, tools.waiting = tools.waiting, tools.Waiting()
    second = Thread(target=first.work, daemon=True)
    second.start()
    assert tools.waiting.reached.wait(5)
    assert sorted(run.key[1] for run in first.here.node.running()) == [1, 2]
    # When the first comes to its end
    first_waiting.go_on.set()
    assert first_waiting.cleaned_up.wait(5)
    wait_until(lambda: len(first.here.node.running()) == 1, "a running job")
    # Then the second still runs, and the end is its
    assert first.run.key[1] == 2
    tools.waiting.go_on.set()
    second.join(10)
    job = first.end()
    assert (job.status, job.attempt, job.output) == (Status.SUCCEEDED, 2, "before canceled=False after")
