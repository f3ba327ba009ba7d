"""The models of `gptstore dev`: scripts, and servers with OpenAI's API."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gptstore.sdk.answer import logprobs_of
from gptstore.sdk.call import Call
from gptstore.sdk.dev.http_answer import cut_at_stops
from gptstore.sdk.dev.http_model import HttpModel
from gptstore.sdk.dev.http_server import Server
from gptstore.sdk.host.errors import ModelRefused
from gptstore.sdk.logprobs import TokenLogprob
from harness.waiting import wait_until
from tests.authors.client.command import Gptstore
from tests.authors.dev.project import ModelServer, body_of, write_asker

ONCE = ("dev", "asker", "--cli", "--text", "Hello")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


OPENED: list[HttpModel] = []


@pytest.fixture(autouse=True)
def all_closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def http_model(server: ModelServer, **options: Any) -> HttpModel:
    OPENED.append(HttpModel(Server(f"{server.url}/v1"), **options))
    return OPENED[-1]


def test_a_script_has_an_answer_for_each_request(asker: Path, gptstore: Gptstore) -> None:
    write_asker(asker, body_of("yield ctx.model.complete(text)\nyield ctx.model.complete(text)"))
    (asker.parent / "answers.toml").write_text('answers = ["one", "two"]\nchat = false\n')

    assert gptstore.run(*ONCE, "--model", "answers.toml").stdout == "onetwo"


def test_a_script_that_has_no_more_answers_says_so(asker: Path, gptstore: Gptstore) -> None:
    (asker.parent / "answers.toml").write_text("answers = []\n")

    done = gptstore.run(*ONCE, "--model", "answers.toml")

    assert (done.returncode, "the script has 0 replies" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("answers =", "is no TOML"),
        ("answer = 3", "has another answer than it takes"),
        ("reply = 'x'", "has reply; it takes answers, answer, chat, context_length"),
        ("chat = true", "has no answers"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused(asker: Path, gptstore: Gptstore, text: str, sentence: str) -> None:
    (asker.parent / "answers.toml").write_text(text)

    done = gptstore.run(*ONCE, "--model", "answers.toml")

    assert done.returncode == 1
    assert sentence in done.stderr


def test_a_model_that_is_not_there_is_a_wrong_call(asker: Path, gptstore: Gptstore) -> None:
    assert gptstore.run(*ONCE, "--model", "nowhere").returncode == 2


def test_a_server_s_model_answers(asker: Path, server: ModelServer, gptstore: Gptstore) -> None:
    done = gptstore.run(*ONCE, "--server", server.url, "--show")

    assert (done.returncode, done.stdout) == (0, "Good morning.")
    assert "7 tokens in, 3 out" in done.stderr
    [(path, body)] = server.asked
    assert path == "/v1/completions"
    assert (body["model"], body["prompt"], body["max_tokens"], body["temperature"]) == (
        "acme/small",
        "calm: Hello",
        50,
        0,
    )


def test_no_other_server_gets_the_key_of_a_store(asker: Path, server: ModelServer, gptstore: Gptstore) -> None:
    gptstore.run(*ONCE, "--server", server.url, GPTSTORE_API_KEY="gs_secret")
    assert server.keys == [None]

    gptstore.run(*ONCE, "--server", server.url, GPTSTORE_API_KEY="gs_secret", GPTSTORE_SERVER=server.url)
    assert server.keys[1] == "Bearer gs_secret"

    gptstore.run(*ONCE, "--server", server.url, "--key-env", "OTHER", OTHER="sk-other")
    assert server.keys[2] == "Bearer sk-other"


def test_a_key_goes_to_other_machines_encrypted_only(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run(*ONCE, "--server", "http://gpu.example:8000", "--key-env", "OTHER", OTHER="sk-other")

    assert (done.returncode, "is not encrypted" in done.stderr) == (2, True)


def test_a_server_that_wants_another_key_or_is_away_is_status_3(
    asker: Path, server: ModelServer, gptstore: Gptstore
) -> None:
    server.wants = "sk-right"
    refused = gptstore.run(*ONCE, "--server", server.url)
    away = gptstore.run(*ONCE, "--server", "http://127.0.0.1:9")

    assert (refused.returncode, "wants a key" in refused.stderr) == (3, True)
    assert (away.returncode, "does not answer" in away.stderr) == (3, True)


def test_ctrl_c_closes_the_connection_so_that_the_server_stops(
    asker: Path, server: ModelServer, gptstore: Gptstore
) -> None:
    server.holds = True

    with gptstore.terminal(*ONCE, "--server", server.url) as terminal:
        terminal.wait_for("Good")
        terminal.process.send_signal(signal.SIGINT)
        wait_until(server.left.is_set, "the end of the connection")
        assert terminal.end() == 130


def test_an_answer_that_is_canceled_ends_at_once_for_whoever_reads_it(server: ModelServer) -> None:
    server.holds = True
    answer = http_model(server).answer(Call("x"))
    assert next(answer) == "Good"

    answer.cancel()  # type: ignore[attr-defined]

    assert [*answer] == []
    wait_until(server.left.is_set, "the end of the connection")


def test_the_kind_and_the_context_are_asked_from_the_server(server: ModelServer) -> None:
    assert (http_model(server).is_chat, http_model(server).context_length) == (True, 512)
    server.kinds.remove("/v1/chat/completions")
    assert http_model(server).is_chat is False


def test_what_the_author_says_of_a_model_wins(server: ModelServer) -> None:
    model = http_model(server, context_length=64, is_chat=False)

    assert (model.is_chat, model.context_length, server.bodies) == (False, 64, [])


def test_messages_and_parameters_arrive_as_they_were_given(server: ModelServer) -> None:
    call = Call([{"role": "user", "content": "Hi"}], seed=3, top_p=0.5, stop=("a", "b"), schema=SCHEMA)

    assert "".join(http_model(server).answer(call)) == "Good morning."
    path, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert (body["messages"], body["seed"], body["top_p"], body["stop"]) == (call.prompt, 3, 0.5, ["a", "b"])
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "temperature" not in body


@pytest.mark.parametrize("owner", ["vllm", "acme"])
def test_a_choice_is_asked_for_in_the_server_s_way(server: ModelServer, owner: str) -> None:
    server.entry["owned_by"] = owner
    server.words = ["calm"] if owner == "vllm" else ['{"choice": ', '"calm"}']

    assert http_model(server).choose(["calm", "wild"], "How is it?") == "calm"
    body = server.asked[0][1]
    assert ("structured_outputs" in body) == (owner == "vllm")
    assert ("response_format" in body) == (owner == "acme")


def test_stop_strings_beyond_four_are_found_here(server: ModelServer) -> None:
    call = Call("x", stop=("1", "2", "3", "4", "rning"))

    assert "".join(http_model(server).answer(call)) == "Good mo"
    assert server.asked[0][1]["stop"] == ["1", "2", "3", "4"]


def test_a_stop_string_is_found_across_pieces() -> None:
    assert [*cut_at_stops(iter(["ab", "cd", "ef"]), ("de",))] == ["a", "bc"]
    assert "".join(cut_at_stops(iter(["ab", "cd"]), ("xyz",))) == "abcd"


@pytest.mark.parametrize("prompt", ["Hello", [{"role": "user", "content": "Hello"}]])
@pytest.mark.parametrize("stop", [(), ("ning",)])
def test_log_probabilities_come_from_the_server(server: ModelServer, prompt: Any, stop: tuple[str, ...]) -> None:
    pieces = [*http_model(server).answer(Call(prompt, logprobs=1, stop=stop))]

    tokens = [one for piece in pieces for one in logprobs_of(piece)]
    words = ["Good", " morning"] if stop else ["Good", " morning", "."]
    assert "".join(pieces) == ("Good mor" if stop else "Good morning.")
    assert tokens == [TokenLogprob(word.encode(), -2.0, (TokenLogprob(b"Bad", -0.5),)) for word in words]


def test_a_server_that_gives_no_log_probabilities_is_said_so(server: ModelServer) -> None:
    server.weighs = False

    with pytest.raises(ModelRefused, match="no log-probabilities"):
        [*http_model(server).answer(Call("Hello", logprobs=1))]


def test_tokens_are_counted_by_the_server_or_estimated_and_that_is_said(server: ModelServer) -> None:
    notes: list[str] = []
    model = http_model(server, note=notes.append)
    assert (model.count_tokens("Hello there"), model.counts_exactly) == (4, False)
    assert model.count_tokens("你好") == 3
    assert len(notes) == 1
    server.counts = True
    assert http_model(server).counts_exactly is True


def test_scores_are_refused_with_a_reason(server: ModelServer) -> None:
    with pytest.raises(ModelRefused, match="no log-probabilities"):
        http_model(server).score("a", "b")


def test_what_a_server_refuses_the_tool_s_run_says(asker: Path, server: ModelServer, gptstore: Gptstore) -> None:
    server.kinds.clear()

    done = gptstore.run(*ONCE, "--server", server.url, "--base")

    assert done.returncode == 1
    assert "The model's server says: There is no /v1/completions. (bad_request)" in done.stderr


def test_without_usage_the_tokens_are_an_estimate(asker: Path, server: ModelServer, gptstore: Gptstore) -> None:
    server.usage = None

    events = [json.loads(line) for line in gptstore.run(*ONCE, "--server", server.url, "--json").stdout.splitlines()]

    assert [one["data"]["tokens_are_exact"] for one in events if one["event"] == "model"] == [False]
