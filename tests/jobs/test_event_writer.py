"""Many runs that say things at the same time, and one thread that writes them to Redis."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest

from gptstore.jobs.events import event_writer, publisher
from gptstore.jobs.events.event_writer import Pending
from gptstore.jobs.events.events import LOG, OUTPUT, PROGRESS, Event, gather_output
from gptstore.jobs.events.publisher import Publisher
from gptstore.jobs.models import Job
from harness.redis import RedisServer

RUNS = 32
PIECES = [f"{number} 汉😀\n" for number in range(100)]
TEXT = "".join(PIECES)

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(make_job: Callable[..., Job], redis_server: RedisServer) -> list[Publisher]:
    """Runs that have begun."""
    runs = [Publisher(make_job(attempt=1, worker="w1")) for _ in range(RUNS)]
    at_once(start, runs)
    return runs


class Gate:
    """Holds the pipelines up while it is closed, and counts them."""

    def __init__(self, append: Callable[[Sequence[Pending]], Any]) -> None:
        self.append = append
        self.open, self.reached = Signal(), Signal()
        self.pipelines = 0

    def __call__(self, batch: Sequence[Pending]) -> Any:
        self.pipelines += 1
        self.reached.set()
        assert self.open.wait(30)
        return self.append(batch)


@pytest.fixture
def gate(runs: list[Publisher], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(event_writer.append)
    monkeypatch.setattr(event_writer, "append", gate)
    yield gate
    gate.open.set()
    for run in runs:
        run.flush()


def at_once(act: Callable[[Publisher], None], runs: Sequence[Publisher]) -> None:
    with ThreadPoolExecutor(RUNS) as threads:
        list(threads.map(act, runs))


def start(run: Publisher) -> None:
    run.start()
    run.flush()


def say_all(run: Publisher) -> None:
    for piece in PIECES:
        run.output(piece, tokens=1)


def finish(run: Publisher) -> None:
    run.finish()


def stream(redis: RedisServer, run: Publisher) -> list[Event]:
    return [Event.decode(entry, fields) for entry, fields in redis.client.xrange(run.key)]


def added(redis: RedisServer) -> int:
    calls: int = redis.client.info("commandstats").get("cmdstat_xadd", {"calls": 0})["calls"]
    return calls


def test_what_all_runs_say_during_one_pipeline_is_one_more(
    runs: list[Publisher], gate: Gate, redis_server: RedisServer
) -> None:
    # Given a pipeline under way
    before = added(redis_server)
    runs[0].output("first ")
    assert gate.reached.wait(10)
    # When 32 runs say 3,200 things
    at_once(say_all, runs)
    gate.open.set()
    for run in runs:
        run.flush()
    # Then they take one pipeline, and one event for each run
    assert gate.pipelines == 2
    assert added(redis_server) - before == 1 + RUNS
    assert [gather_output(stream(redis_server, run)).text for run in runs] == ["first " + TEXT, *[TEXT] * (RUNS - 1)]


def test_the_first_word_waits_for_nobody(runs: list[Publisher], redis_server: RedisServer) -> None:
    runs[0].output("word")
    runs[0].flush()
    assert [event.name for event in stream(redis_server, runs[0])] == ["started", "output"]


def test_each_run_is_told_in_its_own_order(runs: list[Publisher], redis_server: RedisServer) -> None:
    def talk(run: Publisher) -> None:
        for number, piece in enumerate(PIECES):
            run.publish(Event(PROGRESS, {"done": number, "total": len(PIECES), "message": ""}))
            run.output(piece, tokens=1)
            if number % 10 == 0:
                run.publish(Event(LOG, {"message": str(number)}))
        run.finish()

    at_once(talk, runs)
    for run in runs:
        text, lines, done = "", [], []
        events = stream(redis_server, run)
        for event in events:
            if event.name == OUTPUT:
                text += event.data["text"]
            elif event.name == LOG:
                lines.append(int(event.data["message"]))
                assert text == "".join(PIECES[: lines[-1] + 1])
            elif event.name == PROGRESS:
                done.append(event.data["done"])
                assert text == "".join(PIECES[: done[-1]])
        assert (events[0].name, events[-1].name) == ("started", "finished")
        assert "reset" not in [event.name for event in events]
        assert text == run.text == TEXT
        assert sum(event.tokens for event in events) == run.tokens == len(PIECES)
        assert lines == list(range(0, len(PIECES), 10))
        assert (done, done[-1]) == (sorted(set(done)), len(PIECES) - 1)


def test_when_redis_crashes_under_many_runs_each_of_them_ends_with_its_whole_text(
    runs: list[Publisher], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 0.0)
    # Given runs in the middle
    half = Signal()

    def talk(run: Publisher) -> None:
        for number, piece in enumerate(PIECES):
            if number == len(PIECES) // 2:
                assert half.wait(10)
            run.output(piece, tokens=1)

    with ThreadPoolExecutor(RUNS) as threads:
        talking = [threads.submit(talk, run) for run in runs]
        # When Redis dies with everything in it, and comes back while they go on
        redis_server.kill()
        half.set()
        redis_server.start()
        for run in talking:
            run.result()
    at_once(finish, runs)
    # Then nothing is missing in any stream
    for run in runs:
        events = stream(redis_server, run)
        assert (gather_output(events).text, gather_output(events).tokens) == (TEXT, len(PIECES))
        assert ([event.name for event in events].count("started"), events[-1].name) == (1, "finished")


def test_one_broken_stream_is_not_the_others_fault(runs: list[Publisher], redis_server: RedisServer) -> None:
    broken, *others = runs
    redis_server.client.delete(broken.key)
    redis_server.client.set(broken.key, "no stream")
    at_once(say_all, runs)
    at_once(finish, runs)
    for run in others:
        events = stream(redis_server, run)
        assert [event.name for event in events if event.name != OUTPUT] == ["started", "finished"]
        assert gather_output(events).text == TEXT
    assert broken.text == TEXT


def test_a_redis_that_does_not_answer_keeps_no_run_waiting_and_its_end_not_long(
    runs: list[Publisher], gate: Gate, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a pipeline that does not come back
    runs[0].output("first")
    assert gate.reached.wait(10)
    # Then whoever says something has said it
    at_once(say_all, runs)
    assert [run.text for run in runs] == ["first" + TEXT, *[TEXT] * (RUNS - 1)]
    # And whoever comes to the end does not wait for it for ever
    monkeypatch.setattr(publisher, "FLUSH_SECONDS", 0.05)
    at_once(finish, runs)
    assert not runs[0].settled.is_set()


def test_a_fault_of_ours_does_not_end_the_writer(
    runs: list[Publisher], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PAUSE_SECONDS", 0.0)
    runs[0].publish(Event(LOG, {"message": object()}))
    runs[0].flush()
    runs[0].output("word", 1)
    runs[0].finish()
    assert gather_output(stream(redis_server, runs[0])).text == "word"


def test_many_runs_that_speak_all_the_time_share_few_pipelines(
    runs: list[Publisher], gate: Gate, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a writer that has just been to Redis, and gathers for a minute then
    monkeypatch.setattr(event_writer, "GATHER_SECONDS", 60.0)
    gate.open.set()
    runs[0].output("word", 1)
    runs[0].flush()
    before = gate.pipelines
    # When all runs speak for a while, then nothing is carried
    at_once(say_all, runs)
    assert gate.pipelines == before
    # Until one of them ends: it does not wait, and takes what the others said along
    runs[0].finish()
    for run in runs[1:]:
        assert run.settled.wait(10)
    assert gate.pipelines <= before + 3
    assert gather_output(stream(redis_server, runs[0])).text == "word" + TEXT
    assert gather_output(stream(redis_server, runs[1])).text == TEXT
