"""One job from its claim to its end, for every way in which a tool can behave."""

from collections.abc import Callable, Iterable
from itertools import groupby
from threading import Event, Thread
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import Job, Status
from gptstore.sdk.stored_file import read_file
from gptstore.sdk.stored_table import StoredTable
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.running import run_job
from worker.engine.errors import EngineError, OutOfMemory
from worker.engine.protocol import Engine, Request
from worker.hosts.base import JobPort, ToolCall
from worker.hosts.errors import HostLost
from worker.hosts.inprocess import InProcessHost
from worker.jobs import outcome
from worker.jobs.run import Run
from worker.jobs.run_end import EndReason

Open = Callable[..., Workshop]

pytestmark = pytest.mark.django_db(transaction=True)


def names(workshop: Workshop, job: Job) -> list[str]:
    return [event.name for event in workshop.events(job)]


def without_repeats(names: list[str]) -> list[str]:
    """How many events a text comes in depends on how busy Redis is."""
    return [name for name, _ in groupby(names)]


def test_a_tool_that_streams_succeeds_with_what_it_said(workshop: Open) -> None:
    here = workshop(tools.echo)
    job = here.run(tools.echo, text="a 汉字 😀")
    assert (job.status, job.output, job.error_code) == (Status.SUCCEEDED, "a 汉字 😀 ", "")
    assert (job.prompt_tokens, job.completion_tokens) == (3, 3)
    assert (job.worker, job.attempt) == ("w1", 1)
    assert without_repeats(names(here, job)) == ["started", "output", "finished"]
    assert here.spoken(job).encode() == job.output.encode()
    assert sum(event.tokens for event in here.events(job)) == job.completion_tokens


def test_every_question_to_the_model_is_counted(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    here = workshop(tools.twice, engine=open_engine(lambda request: ["x", "y"]))
    job = here.run(tools.twice, text="one two three")
    assert (job.output, job.prompt_tokens, job.completion_tokens) == ("xyxy", 6, 4)


def test_the_engine_is_told_whose_request_it_is(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    seen: list[Request] = []

    def script(request: Request) -> Iterable[str]:
        seen.append(request)
        return ["x"]

    here = workshop(tools.echo, engine=open_engine(script))
    job = here.run(tools.echo)
    (request,) = seen
    assert request.id.startswith(f"{job.id}/1/")
    assert request.group == str(here.owner.id)


def test_a_tool_that_gives_up_fails_with_its_own_words(workshop: Open) -> None:
    here = workshop(tools.refuse)
    job = here.run(tools.refuse)
    assert (job.status, job.error_code, job.error_message) == (Status.FAILED, "tool_error", "Nothing to do here.")
    assert job.output == here.spoken(job) == "So far "
    assert names(here, job)[-1] == "finished"


def test_a_run_that_ends_while_the_database_is_away_is_not_lost(
    workshop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a database that goes away when the tool has ended, and comes back
    finish, refusals = states.finish, [OperationalError("away"), InterfaceError("away")]

    def finish_later(*end: Any) -> bool:
        if refusals:
            raise refusals.pop()
        return finish(*end)

    monkeypatch.setattr(states, "finish", finish_later)
    monkeypatch.setattr(outcome, "AGAIN_SECONDS", 0.0)
    here = workshop(tools.echo)
    # When it runs
    job = here.run(tools.echo, text="a b")
    # Then its end is written, and readers are told
    assert (job.status, job.output, job.attempt, refusals) == (Status.SUCCEEDED, "a b ", 1, [])
    assert names(here, job)[-1] == "finished"


def test_a_run_does_not_wait_for_ever_for_a_database_that_stays_away(
    workshop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*end: Any) -> bool:
        raise OperationalError("away")

    monkeypatch.setattr(states, "finish", refuse)
    monkeypatch.setattr(outcome, "OUTAGE_SECONDS", 0.0)
    here = workshop(tools.echo)
    with pytest.raises(OperationalError):
        here.run(tools.echo)


class LosingHost(InProcessHost):
    """Its process is lost in the middle of each run."""

    def run(self, call: ToolCall, port: JobPort) -> None:
        port.output("So far ")
        raise HostLost


def test_a_run_whose_host_is_lost_begins_anew_up_to_three_times(workshop: Open) -> None:
    here = workshop(tools.echo)
    here.node.host = LosingHost(here.node.host.plugins)  # type: ignore[attr-defined]
    job = here.run(tools.echo)
    assert (job.status, job.attempt) == (Status.QUEUED, 1)
    assert here.node.run_next()
    assert here.node.run_next()
    job.refresh_from_db()
    assert (job.status, job.error_code, job.attempt, job.output) == (Status.FAILED, "worker_lost", 3, "So far ")
    assert not here.node.run_next()


@pytest.mark.parametrize("error", ["ValueError", "SystemExit", "KeyboardInterrupt"])
def test_a_tool_that_crashes_is_named_as_the_culprit(workshop: Open, error: str) -> None:
    here = workshop(tools.crash)
    job = here.run(tools.crash, text=error)
    assert (job.status, job.error_code) == (Status.FAILED, "tool_crashed")
    assert error in job.error_message
    assert "boom" not in job.error_message
    assert job.output == "So far "


@pytest.mark.parametrize(("tool", "output"), [(tools.returns_number, ""), (tools.yields_number, "one ")])
def test_output_of_a_wrong_kind_is_a_fault_of_the_tool(workshop: Open, tool: Any, output: str) -> None:
    job = workshop(tool).run(tool)
    assert (job.status, job.error_code, job.output) == (Status.FAILED, "tool_crashed", output)


def test_a_model_object_becomes_json(workshop: Open) -> None:
    job = workshop(tools.as_json).run(tools.as_json, text="a b")
    assert (job.status, job.output) == (Status.SUCCEEDED, '{\n  "words": [\n    "a",\n    "b"\n  ]\n}')


def test_a_table_and_a_file_arrive_as_they_were_made(workshop: Open) -> None:
    here = workshop(tools.lists, tools.packs)
    table, file = here.run(tools.lists, text="a 汉字"), here.run(tools.packs, text="汉字")
    assert (table.status, table.output_kind) == (Status.SUCCEEDED, "table")
    assert StoredTable(table.output).rows == [{"n": 0, "word": "a"}, {"n": 1, "word": "汉字"}]
    assert (file.status, file.error_message) == (Status.SUCCEEDED, "")
    made = read_file(file.output)
    assert made is not None
    assert made.data == "汉字\0".encode() * 50_000
    assert here.spoken(file) == file.output


def test_an_endless_table_is_stopped_and_its_rows_are_kept(workshop: Open) -> None:
    job = workshop(tools.lists).run(tools.lists, text=" ")
    assert (job.status, job.error_code, len(job.output)) == (Status.FAILED, "limit_exceeded", 100_000)
    rows = StoredTable(job.output).rows
    assert rows[-1] == {"n": len(rows) - 1, "word": "again"}


def test_what_cannot_be_kept_is_taken_out(workshop: Open) -> None:
    here = workshop(tools.dirty)
    job = here.run(tools.dirty)
    assert (job.status, job.output) == (Status.SUCCEEDED, "abc")
    events = {event.name: event.data for event in here.events(job)}
    assert events["log"] == {"message": "line"}
    assert events["progress"]["message"] == "half"


def test_progress_that_json_cannot_hold_is_a_fault_of_the_tool(workshop: Open) -> None:
    job = workshop(tools.bad_progress).run(tools.bad_progress)
    assert (job.status, job.error_code) == (Status.FAILED, "tool_crashed")


def test_progress_and_log_lie_between_the_words(workshop: Open) -> None:
    here = workshop(tools.talkative)
    job = here.run(tools.talkative, text="a b c")
    assert names(here, job)[:2] == ["started", "log"]
    assert here.spoken(job) == "abc"
    *_, progress, output, finished = here.events(job)
    assert progress.data == {"done": 3, "total": 3, "message": "word 3"}
    assert (output.data, finished.name) == ({"text": "c"}, "finished")


def test_a_tool_that_stops_listening_stops_the_model(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    made: list[str] = []

    def script(request: Request) -> Iterable[str]:
        for word in range(100):
            made.append(str(word))
            yield f"{word} "

    engine = open_engine(script, delay_s=0.02)
    job = workshop(tools.first_word, engine=engine).run(tools.first_word)
    assert (job.status, job.output) == (Status.SUCCEEDED, "0 ")
    assert len(made) < 10
    assert engine.stats().running == 0
    assert job.completion_tokens == len(made)


def test_an_input_that_the_installed_version_refuses_fails_with_a_reason(workshop: Open) -> None:
    job = workshop(tools.echo).run(tools.echo, other="x")
    assert (job.status, job.error_code) == (Status.FAILED, "tool_error")
    assert "does not take this input" in job.error_message


def test_a_tool_that_this_worker_does_not_have_stays_with_others(workshop: Open) -> None:
    here = workshop()
    job = here.submit(tools.echo)
    assert not here.node.run_next()
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_a_job_whose_tool_is_gone_since_the_claim_runs_where_the_tool_is(workshop: Open) -> None:
    # Given a job that was claimed in the moment in which its plugin was uninstalled
    here = workshop(tools.echo)
    run = here.begin(tools.echo)
    run_job(run, workshop().node.host)
    # Then it is queued again, and another worker runs it
    job = run.job
    job.refresh_from_db()
    assert (job.status, job.error_code, job.worker) == (Status.QUEUED, "", "")
    assert here.node.run_next()
    job.refresh_from_db()
    assert (job.status, job.attempt, job.output) == (Status.SUCCEEDED, 2, here.spoken(job))


def test_a_tool_that_is_gone_again_and_again_ends_its_job(workshop: Open) -> None:
    here, other = workshop(tools.echo), workshop()
    job = here.submit(tools.echo)
    for _ in range(states.MAX_ATTEMPTS):
        claimed = states.claim_next("w1", ["echo"])
        assert claimed is not None
        run_job(Run(claimed, here.node.engine, here.node.hooks), other.node.host)
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "tool_missing")
    assert "'echo'" in job.error_message


def test_a_job_that_is_canceled_while_its_tool_is_gone_is_not_queued_again(workshop: Open) -> None:
    run = workshop(tools.echo).begin(tools.echo)
    states.request_cancel(run.job.id)
    run_job(run, workshop().node.host)
    run.job.refresh_from_db()
    assert run.job.status == Status.CANCELED


def raising(error: Exception) -> Callable[[Request], Iterable[str]]:
    def script(request: Request) -> Iterable[str]:
        yield "half "
        raise error

    return script


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutOfMemory("No memory is left."), "out_of_memory"),
        (EngineError("It broke."), "engine_error"),
        (RuntimeError("secret detail"), "engine_error"),
    ],
)
def test_a_failing_engine_is_told_by_its_code(
    workshop: Open, open_engine: Callable[..., Engine], error: Exception, code: str
) -> None:
    job = workshop(tools.echo, engine=open_engine(raising(error))).run(tools.echo)
    assert (job.status, job.error_code, job.output) == (Status.FAILED, code, "half ")
    assert "secret detail" not in job.error_message
    assert job.completion_tokens == 1


def test_a_prompt_that_does_not_fit(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    job = workshop(tools.echo, engine=open_engine(context_length=4)).run(tools.echo, text="a b c d e")
    assert (job.status, job.error_code) == (Status.FAILED, "prompt_too_long")
    assert "5 tokens" in job.error_message


def test_a_question_that_makes_no_sense(workshop: Open) -> None:
    job = workshop(tools.asks_nonsense).run(tools.asks_nonsense)
    assert (job.status, job.error_code) == (Status.FAILED, "bad_request")
    assert "temperature" in job.error_message


def test_a_tool_may_answer_for_a_failing_engine(workshop: Open, open_engine: Callable[..., Engine]) -> None:
    engine = open_engine(raising(EngineError("It broke.")))
    job = workshop(tools.stubborn, engine=engine).run(tools.stubborn)
    assert (job.status, job.output) == (Status.SUCCEEDED, "half never mind")


def test_without_jobs_there_is_nothing_to_run(workshop: Open) -> None:
    assert not workshop(tools.echo).node.run_next()


def test_a_run_whose_job_was_taken_back_writes_nothing(workshop: Open) -> None:
    # Given a run whose job another worker took over
    here = workshop(tools.echo)
    run = here.begin(tools.echo, text="old words")
    states.requeue(run.job)
    other = states.claim_next("w2", ["echo"])
    assert other is not None
    # When it comes to its end without knowing
    run_job(run, here.node.host)
    # Then the job is still the other's
    other.refresh_from_db()
    assert (other.status, other.worker, other.attempt, other.output) == (Status.RUNNING, "w2", 2, "")
    assert "finished" not in names(here, other)


def test_a_run_that_knows_that_it_is_lost_stops(workshop: Open) -> None:
    here = workshop(tools.echo)
    run = here.begin(tools.echo)
    run.stop(EndReason.JOB_LOST)
    run_job(run, here.node.host)
    run.publisher.flush()
    run.job.refresh_from_db()
    assert run.job.status == Status.RUNNING
    assert names(here, run.job) == ["started"]


def test_redis_away_from_beginning_to_end_costs_nothing_but_the_stream(workshop: Open) -> None:
    here = workshop(tools.echo)
    here.redis.kill()
    job = here.run(tools.echo)
    assert (job.status, job.output) == (Status.SUCCEEDED, "a b c ")


def test_answers_that_are_let_out_at_a_time_count_each_token_once(
    workshop: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a run whose publisher lets a second thread come in between
    run = workshop(tools.echo).begin(tools.echo)
    counted: list[int] = []
    inside, second = Event(), Thread(target=lambda: run.publish_text("b"))

    def output(text: str, tokens: int, logprobs: object = None) -> None:
        counted.append(tokens)
        if not inside.is_set():
            inside.set()
            second.start()
            second.join(0.2)

    monkeypatch.setattr(run.publisher, "output", output)
    run.requests.completion_tokens = 5
    # When both publish text
    run.publish_text("a")
    second.join()
    # Then the tokens are counted once
    assert sum(counted) == 5
