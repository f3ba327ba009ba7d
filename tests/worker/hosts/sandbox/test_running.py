"""An honest tool in the sandbox: all that it can say and ask."""

from collections.abc import Callable

import pytest

from gptstore.sdk.answer import logprobs_of
from harness.port import weigh
from tests.worker.hosts.sandbox.conftest import Going

pytestmark = pytest.mark.landlock


def test_a_tool_says_what_the_model_says(run: Callable[..., Going]) -> None:
    going = run("repeat", text="one two three")
    assert going.raised is None
    assert going.port.pieces == ["one ", "two ", "three "]


def test_what_only_passes_the_model_on_does_not_go_through_the_tool(run: Callable[..., Going]) -> None:
    going = run("through", text="one two three")
    assert going.raised is None
    assert going.port.text == "<one two three >"


def test_a_tool_gets_the_thoughts_that_it_asks_for_and_no_output_holds_them(run: Callable[..., Going]) -> None:
    going = run("ponder", text="one two three")
    assert going.raised is None
    assert going.port.text == "[Hm, words.] one two three one two three [Hm, words.]"


@pytest.mark.parametrize("count", [0, 3])
def test_log_probabilities_come_with_the_words_that_pass_through_a_tool_or_past_it(
    run: Callable[..., Going], count: int
) -> None:
    going = run("weigh", text="one zwei 三", count=count)

    *pieces, last = going.port.pieces
    expected = [logprobs_of(weigh(word, count))[0] for word in ("one ", "zwei ", "三 ")]
    assert going.raised is None
    assert [one for piece in pieces for one in logprobs_of(piece)] == expected * 2
    assert (last, logprobs_of(last)) == ("[3 tokens, -1.5]", ())


def test_log_probabilities_of_a_long_answer_are_sent_in_parts(run: Callable[..., Going]) -> None:
    going = run("weigh", text="word " * 4_000, count=20)

    tokens = [one for piece in going.port.pieces for one in logprobs_of(piece)]
    assert going.raised is None
    assert len(tokens) == 8_000
    assert set(tokens) == set(logprobs_of(weigh("word ", 20)))


def test_a_tool_asks_from_many_threads_at_once(run: Callable[..., Going]) -> None:
    texts = [" ".join(f"{number}.{word}" for word in range(50)) for number in range(4)]
    going = run("chorus", texts=texts)
    assert going.raised is None
    assert going.port.text == "".join(f"{text} " for text in texts)
