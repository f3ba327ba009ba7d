"""The engine without a model."""

from collections.abc import Iterator

import pytest

from tests.worker.engine.listener import Listener, ask
from worker.engine.errors import BadRequest
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Message, Request


def test_it_says_what_the_script_says_and_stops() -> None:
    engine = ScriptedEngine(lambda request: ["You ", "said: ", str(request.prompt)])

    heard = ask(engine, "good day")
    engine.close()

    assert heard.text("only") == "You said: good day"
    assert [output.tokens for output in heard.outputs] == [1, 1, 1, 0]
    finish = heard.wait_for_finish("only")
    assert finish.reason == "stop"
    assert (finish.usage.prompt_tokens, finish.usage.completion_tokens) == (2, 3)


def test_messages_are_counted_too() -> None:
    engine = ScriptedEngine(lambda _: [])

    assert engine.count_tokens((Message("system", "be brief"), Message("user", "hi"))) == 3
    engine.close()


def test_what_the_script_raises_fails_its_request_only() -> None:
    def script(request: Request) -> Iterator[str]:
        yield "so far "
        if request.prompt == "bad":
            raise RuntimeError("broken script")

    engine = ScriptedEngine(script)
    failed, sound = ask(engine, "bad"), ask(engine, "good")
    engine.close()

    assert failed.wait_for_finish("only").error is not None
    assert failed.text("only") == "so far "
    assert sound.wait_for_finish("only").reason == "stop"


def test_it_refuses_to_score_for_it_has_no_model() -> None:
    engine = ScriptedEngine(lambda _: ["said"])

    with pytest.raises(BadRequest, match="how likely"):
        engine.score("good", "day")
    sound = ask(engine, "good")
    engine.close()

    assert sound.text("only") == "said"


def test_cancel_does_not_wait_for_the_delay() -> None:
    engine, listener = ScriptedEngine(lambda _: ["late"], delay_s=3600), Listener()
    engine.submit(Request("slow", "hi", SamplingParams()), listener)

    engine.cancel("slow")

    assert listener.wait_for_finish("slow").reason == "canceled"
    engine.close()


def test_close_does_not_wait_for_the_delay() -> None:
    engine, listener = ScriptedEngine(lambda _: ["late"], delay_s=3600), Listener()
    engine.submit(Request("slow", "hi", SamplingParams()), listener)

    engine.close()

    assert listener.wait_for_finish("slow").reason == "error"
