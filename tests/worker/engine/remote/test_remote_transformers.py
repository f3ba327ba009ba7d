"""The remote engine against `transformers serve`, a real server, with the model that ships."""

import json
from collections.abc import Iterator

import pytest

from tests.worker.engine.listener import Listener, ask
from tests.worker.engine.transformers_server import BUNDLED, CHAT, PLAIN, transformers_server
from worker.engine.errors import BadRequest, ModelLoadError
from worker.engine.local.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Message, Request
from worker.engine.remote.connect import UNKNOWN_CONTEXT, open_remote
from worker.engine.remote.engine import RemoteEngine

PROMPT = "Once upon a time there was a little"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with transformers_server(tmp_path_factory.mktemp("serve")) as url:
        yield url


@pytest.fixture(scope="module")
def plain(url: str) -> Iterator[RemoteEngine]:
    engine = open_remote(url, model=PLAIN, context_length=1024)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def chat(url: str) -> Iterator[RemoteEngine]:
    engine = open_remote(url, model=CHAT)
    yield engine
    engine.close()


def test_whether_the_model_chats_is_found_out(plain: RemoteEngine, chat: RemoteEngine) -> None:
    assert (plain.info.name, plain.info.is_chat, plain.info.context_length) == (PLAIN, False, 1024)
    assert (chat.info.name, chat.info.is_chat, chat.info.context_length) == (CHAT, True, UNKNOWN_CONTEXT)
    assert plain.info.device == "remote"


def test_a_model_that_is_not_there_fails_at_the_start(url: str) -> None:
    with pytest.raises(ModelLoadError, match="gptstore/nothing"):
        open_remote(url, model="gptstore/nothing")


def test_the_text_is_the_one_that_the_model_writes_here(plain: RemoteEngine) -> None:
    here = load_engine(str(BUNDLED), device="cpu", dtype="float32")
    try:
        expected = ask(here, PROMPT, max_tokens=24, temperature=0)
    finally:
        here.close()

    heard = ask(plain, PROMPT, max_tokens=24, temperature=0)

    assert heard.text("only") == expected.text("only")
    assert heard.wait_for_finish("only").usage == expected.wait_for_finish("only").usage
    assert len(heard.outputs) > 8


def test_messages_are_answered(chat: RemoteEngine) -> None:
    heard = ask(chat, (Message("user", "Hello"),), max_tokens=12, temperature=0)

    finish = heard.wait_for_finish("only")
    assert finish.reason in ("stop", "length")
    assert finish.usage.prompt_tokens > 3
    # This server says the prompt's text back first, and counts it as one token more than it was asked for.
    said_back = "Hello" in heard.outputs[0].text
    assert 0 < finish.usage.completion_tokens == sum(output.tokens for output in heard.outputs) <= 12 + said_back


def test_a_stop_string_ends_the_text(plain: RemoteEngine) -> None:
    whole = ask(plain, PROMPT, max_tokens=24, temperature=0).text("only")
    stop = whole[20:24]

    heard = ask(plain, PROMPT, max_tokens=24, temperature=0, stop=(stop,))

    assert heard.text("only") == whole.split(stop)[0]
    assert heard.wait_for_finish("only").reason == "stop"


def test_cancel_stops_the_text_and_the_server_goes_on(plain: RemoteEngine) -> None:
    listener = Listener(lambda output: plain.cancel(output.request_id))
    plain.submit(Request("long", PROMPT, SamplingParams(max_tokens=900)), listener)

    assert listener.wait_for_finish("long").reason == "canceled"
    assert ask(plain, PROMPT, max_tokens=4).wait_for_finish("only").reason == "length"


def test_eight_requests_at_once_all_end(plain: RemoteEngine) -> None:
    listener = Listener()
    for number in range(8):
        plain.submit(Request(f"{number}", PROMPT, SamplingParams(max_tokens=16)), listener)

    usages = [listener.wait_for_finish(f"{number}").usage for number in range(8)]

    assert all(0 < usage.completion_tokens <= 16 for usage in usages)


def test_what_this_server_cannot_do_is_said(plain: RemoteEngine) -> None:
    schema = json.dumps({"type": "object", "required": ["answer"]})

    with pytest.raises(BadRequest, match="can't score"):
        plain.score(PROMPT, " girl")
    for params in ({"logprobs": 1}, {"top_k": 5}, {"choices": ("yes", "no")}, {"schema": schema}):
        error = ask(plain, PROMPT, max_tokens=8, **params).wait_for_finish("only").error
        assert isinstance(error, BadRequest), params


def test_a_schema_that_this_server_ignores_is_found_out(chat: RemoteEngine) -> None:
    schema = json.dumps({"type": "object", "required": ["answer"]})

    finish = ask(chat, (Message("user", "Hello"),), max_tokens=400, temperature=0, schema=schema).wait_for_finish(
        "only"
    )

    assert finish.reason == "length" or (finish.error and "did not keep to the schema" in finish.error.message)


def test_tokens_of_a_prompt_are_estimated_rather_too_high(plain: RemoteEngine) -> None:
    counted = ask(plain, PROMPT, max_tokens=1).wait_for_finish("only").usage.prompt_tokens

    assert counted <= plain.count_tokens(PROMPT) <= 3 * counted
