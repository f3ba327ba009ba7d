"""What a model server can do wrong: be busy, break off, fall silent, send what is no answer, go away."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.worker.engine.listener import Listener, ask
from tests.worker.engine.model_server import Call, ModelServer, serving
from tests.worker.engine.remote.opening import PROMPT, Open, fail
from worker.engine.errors import RemoteUnavailable
from worker.engine.protocol import Request
from worker.engine.remote import retry
from worker.engine.remote.connect import open_remote


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(server: ModelServer, connect: Open, status: int, no_pause: None) -> None:
    server.faults.extend([lambda call: call.reply(status, "later")] * 2)

    finish = ask(connect(), PROMPT, max_tokens=3).wait_for_finish("only")

    assert finish.reason == "length"
    assert len(server.completions()) == 3


def test_a_server_that_stays_busy_is_given_up_with_an_error_that_can_be_retried(
    server: ModelServer, connect: Open, no_pause: None
) -> None:
    server.faults.extend([lambda call: call.reply(503, {"detail": "loading"})] * 9)

    error = fail(connect())

    assert isinstance(error, RemoteUnavailable)
    assert error.retryable
    assert "loading" in error.message
    assert len(server.completions()) == retry.RETRIES + 1


def test_retry_after_is_kept_to_and_a_long_one_not_waited_for(server: ModelServer, connect: Open) -> None:
    server.faults.append(lambda call: call.reply(429, "later", Retry_After="0.4"))
    server.faults.append(lambda call: call.reply(429, "later", Retry_After="3600"))
    engine = connect()
    listener = Listener()
    engine.submit(Request("only", PROMPT), listener)

    finish = listener.wait_for_finish("only")

    assert isinstance(finish.error, RemoteUnavailable)
    assert "overloaded" in finish.error.message
    assert 0.4 <= finish.timings.prefill < 5
    assert len(server.completions()) == 2


def test_a_connection_that_breaks_before_the_first_token_is_tried_again(
    server: ModelServer, connect: Open, no_pause: None
) -> None:
    async def begin_and_cut(call: Call) -> None:
        await call.stream()
        await call.cut()

    server.faults.extend([Call.cut, begin_and_cut])

    assert ask(connect(), PROMPT, max_tokens=3).wait_for_finish("only").reason == "length"
    assert len(server.completions()) == 3


def _cut(*ending: str) -> Callable[[Call], Any]:
    async def break_off(call: Call) -> None:
        await call.stream({"choices": [{"text": "Once "}]})
        for event in ending:
            await call.event(event)
        await (call.end() if ending else call.cut())

    return break_off


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (_cut(), "broke off"),
        (_cut(": no reason, no end"), "not an answer"),
        (_cut("{"), "not an answer"),
        (_cut("[1, 2]"), "not an answer"),
        (_cut('{"choices": [{"text": "upon "}]}'), "in the middle"),
        (_cut('{"error": {"message": "CUDA out of memory", "code": 500}}'), "CUDA out of memory"),
        (_cut('{"choices": [{"text": "", "finish_reason": "abort"}]}'), "ended by abort"),
    ],
)
def test_an_answer_that_breaks_after_the_first_token_is_not_tried_again(
    server: ModelServer, connect: Open, no_pause: None, fault: Any, said: str
) -> None:
    server.faults.append(fault)

    heard = ask(connect(), PROMPT)

    finish = heard.wait_for_finish("only")
    assert heard.text("only").startswith("Once ")
    assert isinstance(finish.error, RemoteUnavailable)
    assert finish.error.retryable
    assert said in finish.error.message
    assert len(server.completions()) == 1


def test_a_server_that_falls_silent_is_given_up(server: ModelServer, connect: Open) -> None:
    async def begin_and_hang(call: Call) -> None:
        await call.stream({"choices": [{"text": "Once "}]})
        await call.hang()

    server.faults.extend([Call.hang, begin_and_hang])
    engine = connect(silence_s=0.3)

    for text in ("", "Once "):
        heard = ask(engine, PROMPT)
        error = heard.wait_for_finish("only").error
        assert isinstance(error, RemoteUnavailable)
        assert "GPTSTORE_ENGINE_TIMEOUT_SECONDS" in error.message
        assert heard.text("only") == text
    assert all(call.left.wait(1) for call in server.completions())


def test_an_event_without_an_end_is_given_up_before_it_fills_the_memory(server: ModelServer, connect: Open) -> None:
    async def flood(call: Call) -> None:
        await call.stream()
        for _ in range(80):
            await call.raw(f"{2**16:x}\r\n", "x" * 2**16, "\r\n")
        await call.hang()

    server.faults.append(flood)

    assert "4 MiB" in fail(connect()).message


def test_an_answer_that_is_no_stream_is_refused(server: ModelServer, connect: Open) -> None:
    server.faults.append(lambda call: call.reply(200, "<html>welcome</html>"))

    assert "did not stream" in fail(connect()).message


def test_a_server_that_goes_away_fails_its_requests(connect: Open, no_pause: None) -> None:
    with serving() as leaving:
        engine = open_remote(leaving.url, patience_s=5)
    try:
        error = fail(engine)
        with pytest.raises(RemoteUnavailable):
            engine.count_tokens(PROMPT)
    finally:
        engine.close()

    assert isinstance(error, RemoteUnavailable)
    assert "can't be reached" in error.message
