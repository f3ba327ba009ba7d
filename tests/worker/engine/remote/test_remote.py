"""An engine whose model runs on another server: what is sent, what is counted, and what comes back."""

import pytest

from gptstore.sdk.logprobs import TokenLogprob
from tests.worker.engine.listener import ask
from tests.worker.engine.model_server import ModelServer
from tests.worker.engine.remote.opening import CHAT, PROMPT, Open, fail
from worker.engine.errors import BadRequest


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
    ask(engine, CHAT, max_tokens=2, stop=stops, ignore_end=True, logprobs=3)

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
    assert (stopped["stop"], stopped["ignore_eos"]) == (list(stops), True)
    assert (stopped["logprobs"], stopped["top_logprobs"]) == (True, 3)


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
        for count in (0, 1, 2):
            heard = ask(engine, prompt, max_tokens=5, logprobs=count)
            logprobs = [one for output in heard.outputs for one in output.logprobs]
            assert b"".join(one.token for one in logprobs).decode() == heard.text("only")
            assert [one.logprob for one in logprobs] == [-0.5] * 5
            assert {one.top for one in logprobs} == {
                (TokenLogprob(b"\xe4", -0.25), TokenLogprob(b"b", -9999.0))[:count]
            }


def test_log_probabilities_of_thoughts_and_of_what_a_stop_string_cuts_off_are_left_out(
    server: ModelServer, connect: Open
) -> None:
    server.story = ["<think>", "hm", "</think>", "\n", "one", " two", " three", " four"]

    heard = ask(connect(), CHAT, max_tokens=8, logprobs=0, stop=("hree",))

    tokens = [one.token for output in heard.outputs for one in output.logprobs]
    assert (heard.text("only"), tokens) == ("one two t", [b"one", b" two", b" three"])


def test_a_server_without_log_probabilities_is_found_out(server: ModelServer, connect: Open) -> None:
    server.gives_logprobs = False

    assert "log-probabilities" in fail(connect(), logprobs=0).message


def test_an_answer_is_cut_at_a_stop_string_that_the_server_ignores_and_the_connection_closed(
    server: ModelServer, connect: Open
) -> None:
    heard = ask(connect(), PROMPT, stop=("fox",))

    assert heard.text("only") == "Once upon a time a 小 "
    assert heard.wait_for_finish("only").reason == "stop"
    assert server.completions()[0].left.wait(1)


def test_half_a_character_is_refused_before_it_is_sent(server: ModelServer, connect: Open) -> None:
    engine = connect()

    assert isinstance(fail(engine, "half of \ud83d"), BadRequest)
    with pytest.raises(BadRequest):
        engine.count_tokens("half of \ud83d")


def test_a_server_that_chats_only_says_so_for_plain_text(server: ModelServer, connect: Open) -> None:
    server.has -= {"completions"}
    engine = connect()

    assert engine.info.is_chat
    assert isinstance(fail(engine), BadRequest)
    assert ask(engine, CHAT, max_tokens=2).wait_for_finish("only").reason == "length"
