"""Scores, choices and schemas where another server runs the model."""

import json
from typing import Any

import pytest

from tests.worker.engine.listener import ask
from tests.worker.engine.model_server import Call, ModelServer
from tests.worker.engine.remote.opening import CHAT, PROMPT, Open, fail
from worker.engine.errors import BadRequest, RemoteUnavailable
from worker.engine.protocol import Message
from worker.engine.remote import retry


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


def test_a_text_that_is_too_long_to_tokenize_is_said_so(server: ModelServer, connect: Open) -> None:
    engine = connect()
    server.max_tokenized = 1
    with pytest.raises(BadRequest, match="no room for this request"):
        engine.score("one two", "three")


def test_a_response_that_never_ends_is_not_read_to_its_end(
    server: ModelServer, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect()
    monkeypatch.setattr(retry, "_MAX_RESPONSE_BYTES", 10)
    with pytest.raises(RemoteUnavailable, match="a response of more than"):
        engine.score(PROMPT, "more")
    with pytest.raises(RemoteUnavailable, match="a response of more than"):
        engine.count_tokens(PROMPT)
