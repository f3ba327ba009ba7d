"""An engine whose model runs on another server: what is sent, what is counted, and what a server can do wrong."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from random import Random
from threading import Event
from typing import Any

import pytest

from tests.worker.engine.listener import WAIT_S, Listener, ask
from tests.worker.engine.model_server import MODEL, Call, ModelServer, serving, wait_until
from worker.engine.errors import (
    BadRequest,
    DeadlineExceeded,
    EngineError,
    EngineStopped,
    PromptTooLong,
    RemoteUnavailable,
)
from worker.engine.params import SamplingParams
from worker.engine.protocol import Message, Request
from worker.engine.remote import attempt
from worker.engine.remote.connect import open_remote
from worker.engine.remote.engine import RemoteEngine

PROMPT = "It was a bright cold day"
CHAT = (Message("system", "Be brief."), Message("user", "Tell a story."))
KEY = "sk-very-secret-1234"
Open = Callable[..., RemoteEngine]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def connect(server: ModelServer) -> Iterator[Open]:
    made: list[RemoteEngine] = []

    def connect(**options: Any) -> RemoteEngine:
        made.append(open_remote(server.url, **{"patience_s": 5, **options}))
        return made[-1]

    yield connect
    for engine in made:
        engine.close()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "_FIRST_PAUSE_S", 0.01)


def fail(engine: RemoteEngine, prompt: Any = PROMPT, **params: Any) -> EngineError:
    """Run one request that fails, and return its error."""
    finish = ask(engine, prompt, **params).wait_for_finish("only")
    assert finish.reason == "error"
    assert finish.error is not None
    return finish.error


def test_messages_go_to_chat_and_plain_text_to_completions(server: ModelServer, connect: Open) -> None:
    engine = connect()

    spoken, written = ask(engine, CHAT, max_tokens=2).text("only"), ask(engine, PROMPT, max_tokens=2).text("only")

    assert spoken == written == "Once upon "
    chat, text = server.completions()
    assert (chat.path, text.path) == ("chat/completions", "completions")
    assert [(turn["role"], turn["content"]) for turn in chat.body["messages"]] == [
        ("system", "Be brief."),
        ("user", "Tell a story."),
    ]
    assert text.body["prompt"] == PROMPT


def test_every_parameter_is_sent_to_vllm_so_that_none_is_taken_from_the_models_folder(
    server: ModelServer, connect: Open
) -> None:
    engine = connect()
    stops = ("one", "two", "three", "four", "five")

    ask(engine, PROMPT, max_tokens=2)
    ask(engine, CHAT, max_tokens=2, temperature=0.5, top_p=0.9, top_k=7, min_p=0.1, repetition_penalty=1.2, seed=3)
    ask(engine, CHAT, max_tokens=2, stop=stops, ignore_end=True, logprobs=True)

    plain, sampled, stopped = [call.body for call in server.completions()]
    assert (plain["temperature"], plain["top_p"]) == (0.7, 1.0)
    assert (plain["top_k"], plain["min_p"], plain["repetition_penalty"]) == (-1, 0.0, 1.0)
    assert "seed" not in plain
    assert [sampled[name] for name in ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed")] == [
        0.5,
        0.9,
        7,
        0.1,
        1.2,
        3,
    ]
    assert (stopped["stop"], stopped["ignore_eos"], stopped["logprobs"]) == (list(stops), True, True)


def test_other_servers_get_nothing_that_openai_does_not_know_unless_it_was_asked_for(
    server: ModelServer, connect: Open
) -> None:
    server.owner = "someone"
    engine = connect()

    ask(engine, PROMPT, max_tokens=2, stop=("1", "2", "3", "4", "5"))
    ask(engine, PROMPT, max_tokens=2, top_k=7)

    plain, sampled = [call.body for call in server.completions()]
    known = {"model", "prompt", "max_tokens", "stream", "temperature", "top_p", "stream_options", "stop"}
    assert set(plain) == known
    assert plain["stop"] == ["1", "2", "3", "4"]
    assert set(sampled) - known == {"top_k"}


def test_tokens_of_chunks_that_hold_several_are_counted_from_the_usage(server: ModelServer, connect: Open) -> None:
    server.pieces_in_chunk = 4

    for owner in ("vllm", "someone"):
        server.owner = owner
        heard = ask(connect(), PROMPT, max_tokens=10)
        finish = heard.wait_for_finish("only")
        assert finish.usage.completion_tokens == 10 == sum(output.tokens for output in heard.outputs)
        assert (finish.usage.prompt_tokens, finish.usage.cached_tokens) == (6, 3)


def test_without_usage_chunks_are_counted_and_the_prompt_is_estimated(server: ModelServer, connect: Open) -> None:
    server.gives_usage, server.has = False, server.has - {"tokenize"}
    engine = connect()

    finish = ask(engine, PROMPT, max_tokens=5).wait_for_finish("only")

    assert finish.usage.completion_tokens == 5
    assert finish.usage.prompt_tokens == engine.count_tokens(PROMPT) == 8


def test_log_probabilities_come_with_their_tokens(connect: Open) -> None:
    engine = connect()

    for prompt in (PROMPT, CHAT):
        outputs = ask(engine, prompt, max_tokens=5, logprobs=True).outputs
        assert [value for output in outputs for value in output.logprobs] == [-0.5] * 5


def test_a_server_without_log_probabilities_is_found_out(server: ModelServer, connect: Open) -> None:
    server.gives_logprobs = False

    assert "log-probabilities" in fail(connect(), logprobs=True).message


def test_a_continuation_is_scored_with_token_numbers_where_the_server_has_tokenize(
    server: ModelServer, connect: Open
) -> None:
    engine = connect()

    assert engine.score("one two", "three four") == (-2 / 8, -3 / 8)
    assert engine.score((Message("user", "one two"),), "three") == (-2 / 8,)
    assert server.calls[-1].body["prompt"] == ["one", "two", "three"]


def test_a_continuation_is_scored_by_its_place_in_the_text_elsewhere(server: ModelServer, connect: Open) -> None:
    server.has -= {"tokenize"}
    engine = connect()

    assert engine.score("one two ", "three four") == (-2 / 8, -3 / 8)
    assert engine.score("one two", " three four") == (-1 / 8, -2 / 8, -3 / 8)  # "two " reaches beyond the prompt
    with pytest.raises(BadRequest, match="after messages"):
        engine.score(CHAT, "three")


def test_a_server_that_cannot_score_is_said_so(server: ModelServer, connect: Open) -> None:
    engine = connect()
    server.gives_logprobs = False

    with pytest.raises(BadRequest, match="can't score"):
        engine.score(PROMPT, "more")
    with pytest.raises(BadRequest, match="empty"):
        engine.score(PROMPT, "")


def test_choices_and_schemas_are_passed_on(server: ModelServer, connect: Open) -> None:
    engine = connect()
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

    chosen = ask(engine, PROMPT, choices=("no", "yes"))
    shaped = ask(engine, CHAT, schema=json.dumps(schema))

    assert (chosen.text("only"), json.loads(shaped.text("only"))) == ("yes", {"n": 1})
    assert [heard.wait_for_finish("only").reason for heard in (chosen, shaped)] == ["stop", "stop"]
    first, second = server.completions()
    assert first.body["structured_outputs"] == {"choice": ["no", "yes"]}
    assert second.body["response_format"]["json_schema"]["schema"] == schema


def test_choices_go_to_other_servers_as_a_schema_and_come_back_without_it(server: ModelServer, connect: Open) -> None:
    async def choose(call: Call) -> None:
        await call.stream(
            {"choices": [{"text": '{"choice":'}]}, {"choices": [{"text": ' "yes"}', "finish_reason": "stop"}]}
        )
        await call.end()

    server.owner = "someone"
    server.faults.append(choose)

    heard = ask(connect(), PROMPT, choices=("no", "yes"))

    assert heard.text("only") == "yes"
    assert heard.wait_for_finish("only").usage.completion_tokens == 2
    body = server.completions()[0].body
    assert "structured_outputs" not in body
    assert body["response_format"]["json_schema"]["schema"]["properties"]["choice"]["enum"] == ["no", "yes"]


@pytest.mark.parametrize("owner", ["vllm", "someone"])
@pytest.mark.parametrize("params", [{"choices": ("no", "yes")}, {"schema": '{"type": "object"}', "max_tokens": 3}])
def test_a_server_that_ignores_a_constraint_is_found_out(
    server: ModelServer, connect: Open, params: dict[str, Any], owner: str
) -> None:
    server.owner = owner

    async def end_early(call: Call) -> None:
        await call.stream({"choices": [{"text": "Once", "finish_reason": "stop"}]}, "[DONE]")
        await call.end()

    server.faults.append(end_early)

    error = fail(connect(), **params)

    assert "did not keep to the" in error.message


@pytest.mark.parametrize("schema", ["{", '{"type": "nonsense"}'])
def test_a_schema_that_makes_no_sense_is_refused_before_it_is_sent(
    server: ModelServer, connect: Open, schema: str
) -> None:
    assert isinstance(fail(connect(), schema=schema), BadRequest)
    assert server.completions() == []


def test_an_answer_is_cut_at_a_stop_string_that_the_server_ignores_and_the_connection_closed(
    server: ModelServer, connect: Open
) -> None:
    heard = ask(connect(), PROMPT, stop=("fox",))

    assert heard.text("only") == "Once upon a time a 小 "
    assert heard.wait_for_finish("only").reason == "stop"
    assert server.completions()[0].left.wait(1)


def test_cancel_closes_the_connection_at_once(server: ModelServer, connect: Open) -> None:
    server.faults.append(Call.hang)
    engine, listener = connect(), Listener()
    engine.submit(Request("hanging", PROMPT), listener)
    wait_until(lambda: len(server.completions()) == 1)

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
    wait_until(lambda: server.open == 0)


def test_close_closes_the_connections_and_fails_their_requests(server: ModelServer, connect: Open) -> None:
    server.faults.extend([Call.hang] * 3)
    engine, listener = connect(concurrency=2), Listener()
    for name in ("first", "second", "waiting"):
        engine.submit(Request(name, PROMPT), listener)
    wait_until(lambda: len(server.completions()) == 2)
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


def test_a_long_prompt_is_told_by_its_count(server: ModelServer, connect: Open) -> None:
    error = fail(connect(), "word " * 200)

    assert isinstance(error, PromptTooLong)
    assert (error.prompt_tokens, error.context_length) == (200, 128)
    assert server.completions() == []


def test_without_tokenize_the_servers_refusal_tells_how_much_fits(server: ModelServer, connect: Open) -> None:
    server.has -= {"tokenize"}
    engine = connect()

    error = fail(engine, "word " * 200)
    finish = ask(engine, "word " * 100).wait_for_finish("only")

    assert isinstance(error, PromptTooLong)
    assert error.prompt_tokens == 200
    assert (finish.reason, finish.usage.completion_tokens) == ("length", 28)


@pytest.mark.parametrize(
    "answer",
    [
        {
            "error": {
                "message": "request (4390 tokens) exceeds the available context size (128 tokens), try increasing it"
            }
        },
        {"error": {"type": "exceed_context_size_error", "message": "too much", "n_prompt_tokens": 4390, "n_ctx": 128}},
        {"message": "The input (4390 tokens) is longer than the model's context length (128 tokens)."},
        {"error": "`inputs` tokens + `max_new_tokens` must be <= 128. Given: 4390 `inputs` tokens and 9 more"},
        {"error": {"message": "The decoder prompt (length 4390) is longer than the maximum model length of 128."}},
    ],
)
def test_other_servers_ways_to_say_that_a_prompt_is_too_long_are_understood(
    server: ModelServer, connect: Open, answer: dict[str, Any]
) -> None:
    server.faults.append(lambda call: call.reply(400, answer))

    error = fail(connect())

    assert isinstance(error, PromptTooLong)
    assert error.prompt_tokens == 4390


def test_half_a_character_is_refused_before_it_is_sent(server: ModelServer, connect: Open) -> None:
    engine = connect()

    assert isinstance(fail(engine, "half of \ud83d"), BadRequest)
    with pytest.raises(BadRequest):
        engine.count_tokens("half of \ud83d")


def test_a_refusal_is_passed_on_in_the_servers_words_but_not_all_of_them(server: ModelServer, connect: Open) -> None:
    server.faults.append(lambda call: call.reply(400, {"error": {"message": "no\x1b[31m such\n thing " * 100}}))

    error = fail(connect())

    assert isinstance(error, BadRequest)
    assert "no [31m such thing" in error.message
    assert len(error.message) < 400


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
    assert len(server.completions()) == attempt.RETRIES + 1


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


def test_the_key_is_sent_and_never_told(
    server: ModelServer, connect: Open, caplog: pytest.LogCaptureFixture, no_pause: None
) -> None:
    caplog.set_level(logging.DEBUG)
    server.key = KEY
    engine = connect(key=f" {KEY}\n")
    server.faults.append(lambda call: call.reply(400, {"error": {"message": f"Bad key {KEY}"}}))
    server.faults.append(lambda call: call.reply(401, {"error": {"message": f"Bad key {KEY}"}}))

    assert ask(engine, PROMPT, max_tokens=1).wait_for_finish("only").error is not None
    refused = fail(engine)

    assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"
    assert "GPTSTORE_ENGINE_KEY" in refused.message
    told = [repr(vars(engine)), repr(engine._server), refused.message, caplog.text]
    assert not [text for text in told if KEY in text]


def test_a_model_that_is_gone_is_named_with_what_there_is(server: ModelServer, connect: Open) -> None:
    engine = connect()
    server.names = ["other"]

    error = fail(engine, CHAT)

    assert isinstance(error, RemoteUnavailable)
    assert MODEL in error.message


def test_a_server_that_chats_only_says_so_for_plain_text(server: ModelServer, connect: Open) -> None:
    server.has -= {"completions"}
    engine = connect()

    assert engine.info.is_chat
    assert isinstance(fail(engine), BadRequest)
    assert ask(engine, CHAT, max_tokens=2).wait_for_finish("only").reason == "length"


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


def _open(gate: Event) -> None:
    assert gate.wait(WAIT_S)
