"""Many requests to another server at a time: turns, deadlines, cancels and connections that are closed."""

import asyncio
from random import Random
from threading import Event

from harness.waiting import wait_until
from tests.worker.engine.listener import WAIT_S, Listener, ask
from tests.worker.engine.model_server import Call, ModelServer
from tests.worker.engine.remote.opening import PROMPT, Open
from worker.engine.errors import DeadlineExceeded, EngineStopped
from worker.engine.params import SamplingParams
from worker.engine.protocol import Request


def test_cancel_closes_the_connection_at_once(server: ModelServer, connect: Open) -> None:
    server.faults.append(Call.hang)
    engine, listener = connect(), Listener()
    engine.submit(Request("hanging", PROMPT), listener)
    wait_until(lambda: len(server.completions()) == 1, "the first request", every=0.005)

    engine.cancel("hanging")

    finish = listener.wait_for_finish("hanging")
    assert (finish.reason, finish.error) == ("canceled", None)
    assert server.completions()[0].left.wait(1)
    assert ask(engine, PROMPT, max_tokens=1).wait_for_finish("only").reason == "length"


def test_cancel_in_mid_answer_closes_the_connection(server: ModelServer, connect: Open) -> None:
    engine = connect()
    listener = Listener(lambda output: engine.cancel(output.request_id))
    engine.submit(Request("running", PROMPT), listener)

    assert listener.wait_for_finish("running").reason == "canceled"
    assert server.completions()[0].left.wait(1)


def test_cancels_at_any_moment_leave_no_connection_at_work(server: ModelServer, connect: Open) -> None:
    chance, engine, listener = Random(7), connect(concurrency=8), Listener()
    names = [f"{number}" for number in range(60)]
    for name in names:
        engine.submit(Request(name, "a", SamplingParams(max_tokens=100)), listener)
    for name in chance.sample(names, len(names)):
        engine.cancel(name)
        if chance.random() < 0.3:
            ask(engine, PROMPT, max_tokens=1)

    assert all(listener.wait_for_finish(name).reason in ("canceled", "length") for name in names)
    assert sorted(set(listener.finishes())) == sorted(names) == sorted(listener.finishes())
    engine.close()
    wait_until(lambda: server.open == 0, "the end of all connections", every=0.005)


def test_close_closes_the_connections_and_fails_their_requests(server: ModelServer, connect: Open) -> None:
    server.faults.extend([Call.hang] * 3)
    engine, listener = connect(concurrency=2), Listener()
    for name in ("first", "second", "waiting"):
        engine.submit(Request(name, PROMPT), listener)
    wait_until(lambda: len(server.completions()) == 2, "the second request", every=0.005)
    assert (engine.stats().running, engine.stats().waiting) == (2, 1)

    engine.close()

    assert all(isinstance(listener.wait_for_finish(name).error, EngineStopped) for name in ("first", "waiting"))
    assert all(call.left.wait(1) for call in server.completions())
    assert sorted(listener.finishes()) == ["first", "second", "waiting"]


def test_a_deadline_counts_from_submission_also_while_waiting_for_a_place(server: ModelServer, connect: Open) -> None:
    server.faults.extend([Call.hang])
    engine, listener = connect(concurrency=1), Listener()
    engine.submit(Request("running", PROMPT, timeout_s=0.3), listener)
    engine.submit(Request("waiting", PROMPT, timeout_s=0.2), listener)

    for name in ("waiting", "running"):
        assert isinstance(listener.wait_for_finish(name).error, DeadlineExceeded)
    assert listener.finishes() == ["waiting", "running"]
    assert ask(engine, PROMPT, max_tokens=1).wait_for_finish("only").reason == "length"


def test_waiting_requests_take_turns_by_group(server: ModelServer, connect: Open) -> None:
    engine, gate, listener = connect(concurrency=1), Event(), Listener()
    holder = Listener(lambda output: _open(gate))
    engine.submit(Request("holder", PROMPT, SamplingParams(max_tokens=2)), holder)
    for number in range(3):
        engine.submit(Request(f"many-{number}", PROMPT, SamplingParams(max_tokens=1), group="many"), listener)
    engine.submit(Request("one", PROMPT, SamplingParams(max_tokens=1), group="one"), listener)
    gate.set()

    listener.wait_for_finish("many-2")
    assert listener.finishes().index("one") < 2


def test_64_requests_run_at_the_same_time(server: ModelServer, connect: Open) -> None:
    together = asyncio.Barrier(64)

    async def wait_for_all(call: Call) -> None:
        await call.stream({"choices": [{"text": "Once "}]})
        await together.wait()
        await call.event({"choices": [{"text": "upon", "finish_reason": "stop"}]})
        await call.end()

    server.faults.extend([wait_for_all] * 64)
    engine, listener = connect(), Listener()
    names = [f"{number}" for number in range(64)]
    for name in names:
        engine.submit(Request(name, PROMPT), listener)

    assert all(listener.wait_for_finish(name).reason == "stop" for name in names)
    assert all(listener.text(name) == "Once upon" for name in names)


def _open(gate: Event) -> None:
    assert gate.wait(WAIT_S)
