"""What a request leaves in the cache when it goes in the middle of a text."""

from random import Random

import pytest

from tests.worker.engine.families import VOCABULARY, as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.params import SamplingParams
from worker.engine.protocol import Output, Request


@pytest.mark.parametrize("scored_from", [200, 32])
def test_a_text_that_was_canceled_half_way_and_comes_again_is_read_rightly(scored_from: int) -> None:
    engine = make_engine("llama", BatchLimits(running=4, step_tokens=32, chunk_tokens=16))
    text = [Random(1).randrange(VOCABULARY) for _ in range(200)]
    params = SamplingParams(max_tokens=20, temperature=0)
    prompt, continuation = as_text(text[:scored_from]), as_text(text[scored_from:]) or None

    def react(output: Output) -> None:
        if output.request_id == "running" and len(listener.of("running")) == 1:
            engine.submit(Request("half way", prompt, params, continuation=continuation), listener)
        if output.request_id == "running" and len(listener.of("running")) == 8:
            engine.cancel("half way")

    listener = Listener(react)
    engine.submit(Request("running", "1 2 3", SamplingParams(max_tokens=30, temperature=0)), listener)
    assert listener.wait_for_finish("half way").reason == "canceled"
    engine.submit(Request("again", as_text(text), params), listener)

    assert listener.wait_for_finish("again").reason == "length"
    assert listener.text("again") == as_text(greedy(make_model("llama"), text, 20))
    engine.close()
