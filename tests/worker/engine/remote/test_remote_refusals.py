"""What a model server refuses, and how that is told: too long a prompt, a wrong key, a model that is gone."""

import logging
from typing import Any

import pytest

from tests.worker.engine.listener import ask
from tests.worker.engine.model_server import MODEL, ModelServer
from tests.worker.engine.remote.opening import CHAT, PROMPT, Open, fail
from worker.engine.errors import BadRequest, PromptTooLong, RemoteUnavailable

KEY = "sk-very-secret-1234"


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


def test_a_refusal_is_passed_on_in_the_servers_words_but_not_all_of_them(server: ModelServer, connect: Open) -> None:
    server.faults.append(lambda call: call.reply(400, {"error": {"message": "no\x1b[31m such\n thing " * 100}}))

    error = fail(connect())

    assert isinstance(error, BadRequest)
    assert "no [31m such thing" in error.message
    assert len(error.message) < 400


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
