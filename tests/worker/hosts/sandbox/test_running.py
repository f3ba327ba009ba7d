"""An honest tool in the sandbox: all that it can say and ask."""

from collections.abc import Callable

import pytest

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


def test_a_tool_asks_from_many_threads_at_once(run: Callable[..., Going]) -> None:
    texts = [" ".join(f"{number}.{word}" for word in range(50)) for number in range(4)]
    going = run("chorus", texts=texts)
    assert going.raised is None
    assert going.port.text == "".join(f"{text} " for text in texts)
