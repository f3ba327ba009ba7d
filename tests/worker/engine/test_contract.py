"""What every engine promises, checked on each of them."""

from collections.abc import Callable
from itertools import count
from threading import Event, Thread
from time import monotonic

import pytest

from tests.worker.engine.listener import WAIT_S, Listener, ask
from worker.engine.errors import EngineStopped, PromptTooLong
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request

PROMPT = "It was a bright cold day"
ENDLESS = SamplingParams(temperature=0)


def test_text_comes_in_pieces_and_the_last_output_carries_the_only_finish(engine: Engine) -> None:
    heard = ask(engine, PROMPT, max_tokens=12, temperature=0)

    outputs = heard.of("only")
    assert [output.finish is None for output in outputs] == [True] * (len(outputs) - 1) + [False]
    assert len(outputs) > 3
    assert all(output.text for output in outputs[:-1])


def test_usage_counts_the_prompt_and_every_token(engine: Engine) -> None:
    heard = ask(engine, PROMPT, max_tokens=12, temperature=0)

    finish = heard.wait_for_finish("only")
    assert finish.reason == "length"
    assert finish.usage.prompt_tokens == engine.count_tokens(PROMPT) > 0
    assert finish.usage.completion_tokens == 12 == sum(output.tokens for output in heard.outputs)


def test_timings_cover_the_request(engine: Engine) -> None:
    begun_at = monotonic()
    timings = ask(engine, PROMPT, max_tokens=3).wait_for_finish("only").timings

    assert timings.queued > 0
    assert timings.prefill > 0
    assert timings.decode > 0
    assert timings.queued + timings.prefill + timings.decode < monotonic() - begun_at


def test_without_max_tokens_the_text_goes_on_to_the_end_of_the_context(engine: Engine) -> None:
    finish = ask(engine, PROMPT).wait_for_finish("only")

    assert finish.reason == "length"
    assert finish.usage.prompt_tokens + finish.usage.completion_tokens == engine.info.context_length


def test_max_tokens_beyond_the_context_is_cut_to_what_fits(engine: Engine) -> None:
    finish = ask(engine, PROMPT, max_tokens=100_000).wait_for_finish("only")

    assert finish.reason == "length"
    assert finish.usage.prompt_tokens + finish.usage.completion_tokens == engine.info.context_length


def test_a_prompt_that_fills_the_context_fails_alone(engine: Engine) -> None:
    listener = Listener()
    engine.submit(Request("long", "word " * 400, ENDLESS), listener)
    engine.submit(Request("next", PROMPT, SamplingParams(max_tokens=2)), listener)

    failed = listener.wait_for_finish("long")
    assert failed.reason == "error"
    assert isinstance(failed.error, PromptTooLong)
    assert not failed.error.retryable
    assert str(engine.info.context_length) in failed.error.message
    assert listener.wait_for_finish("next").reason == "length"


def test_the_text_ends_before_a_stop_string_that_spans_tokens(engine: Engine) -> None:
    whole = ask(engine, PROMPT, max_tokens=40, temperature=0)
    first, second = [output.text for output in whole.outputs if output.text][2:4]
    stop = first[-1] + second[0]
    expected = whole.text("only").split(stop)[0]

    heard = ask(engine, PROMPT, max_tokens=40, temperature=0, stop=(stop, "never said"))

    assert heard.wait_for_finish("only").reason == "stop"
    assert heard.text("only") == expected


def test_text_held_back_for_a_stop_string_is_said_at_the_end(engine: Engine) -> None:
    whole = ask(engine, PROMPT, max_tokens=10, temperature=0).text("only")

    heard = ask(engine, PROMPT, max_tokens=10, temperature=0, stop=(whole[-3:] + "never said",))

    assert heard.wait_for_finish("only").reason == "length"
    assert heard.text("only") == whole


def test_cancel_stops_before_the_next_token_and_keeps_the_text(engine: Engine) -> None:
    listener = Listener(lambda output: engine.cancel(output.request_id))
    engine.submit(Request("running", PROMPT, ENDLESS), listener)

    finish = listener.wait_for_finish("running")
    first, *rest = listener.of("running")
    assert finish.reason == "canceled"
    assert finish.error is None
    assert first.text
    assert finish.usage.completion_tokens == first.tokens
    assert [output.text for output in rest] == [""]


def test_a_waiting_request_is_canceled_while_another_runs(engine: Engine) -> None:
    started, gate = Event(), Event()
    listener = Listener(_hold("running", started, gate))
    engine.submit(Request("running", PROMPT, SamplingParams(max_tokens=30, temperature=0)), listener)
    assert started.wait(WAIT_S)
    engine.submit(Request("waiting", PROMPT, ENDLESS), listener)
    assert (engine.stats().running, engine.stats().waiting) == (1, 1)

    engine.cancel("waiting")
    gate.set()

    canceled = listener.wait_for_finish("waiting")
    assert canceled.reason == "canceled"
    assert canceled.usage.completion_tokens == 0
    assert canceled.timings.queued > 0
    assert listener.wait_for_finish("running").reason == "length"
    assert listener.finishes() == ["waiting", "running"]


def test_canceling_what_is_not_there_does_nothing(engine: Engine) -> None:
    engine.cancel("unknown")
    ask(engine, PROMPT, max_tokens=1)
    engine.cancel("only")

    assert ask(engine, PROMPT, max_tokens=2).finishes() == ["only"]


def test_requests_are_served_in_the_order_in_which_they_came(engine: Engine) -> None:
    listener = Listener()
    for number in range(5):
        engine.submit(Request(f"{number}", PROMPT, SamplingParams(max_tokens=2)), listener)
    listener.wait_for_finish("4")

    assert listener.finishes() == ["0", "1", "2", "3", "4"]


def test_many_threads_submit_and_cancel_and_each_request_finishes_once(engine: Engine) -> None:
    listener, names = Listener(), [f"{thread}-{number}" for thread in range(8) for number in range(6)]

    def work(thread: int) -> None:
        for number in range(6):
            engine.submit(Request(f"{thread}-{number}", PROMPT, SamplingParams(max_tokens=3)), listener)
            engine.count_tokens(PROMPT)
            if number % 3 == 2:
                engine.cancel(f"{thread}-{number}")

    threads = [Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        assert listener.wait_for_finish(name).reason in ("length", "canceled")

    assert sorted(listener.finishes()) == sorted(names)
    assert engine.stats().finished == len(names)


def test_closing_fails_what_runs_and_what_waits_so_that_it_can_be_retried(engine: Engine) -> None:
    started, gate = Event(), Event()
    hold = _hold("running", started, gate)

    def close_when_held(output: Output) -> None:
        hold(output)
        engine.close()

    listener = Listener(close_when_held)
    engine.submit(Request("running", PROMPT, ENDLESS), listener)
    assert started.wait(WAIT_S)
    engine.submit(Request("waiting", PROMPT, ENDLESS), listener)
    gate.set()

    for name in ("running", "waiting"):
        finish = listener.wait_for_finish(name)
        assert finish.reason == "error"
        assert isinstance(finish.error, EngineStopped)
        assert finish.error.retryable
    engine.close()
    assert sorted(listener.finishes()) == ["running", "waiting"]
    assert listener.text("running")


def test_a_request_after_close_is_refused_through_its_sink(engine: Engine) -> None:
    engine.close()
    engine.close()

    heard = ask(engine, PROMPT)

    assert isinstance(heard.wait_for_finish("only").error, EngineStopped)
    assert heard.finishes() == ["only"]


def test_a_sink_that_fails_harms_nobody_else(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def broken(output: Output) -> None:
        raise RuntimeError("the reader went away")

    listener = Listener()
    engine.submit(Request("broken", PROMPT, SamplingParams(max_tokens=3)), Listener(broken))
    engine.submit(Request("sound", PROMPT, SamplingParams(max_tokens=3)), listener)

    assert listener.wait_for_finish("sound").reason == "length"
    assert "sink failed" in caplog.messages


def test_an_unfinished_id_cannot_be_used_twice_and_a_finished_one_can(engine: Engine) -> None:
    started, gate = Event(), Event()
    listener = Listener(_hold("same", started, gate))
    engine.submit(Request("same", PROMPT, SamplingParams(max_tokens=20, temperature=0)), listener)
    assert started.wait(WAIT_S)

    with pytest.raises(ValueError, match="same"):
        engine.submit(Request("same", PROMPT), listener)
    gate.set()
    listener.wait_for_finish("same")

    engine.submit(Request("same", PROMPT, SamplingParams(max_tokens=1)), again := Listener())
    assert again.wait_for_finish("same").reason == "length"


def test_stats_count_what_was_done(engine: Engine) -> None:
    ask(engine, PROMPT, max_tokens=4)
    ask(engine, PROMPT, max_tokens=6)

    stats = engine.stats()
    assert (stats.waiting, stats.running, stats.finished) == (0, 0, 2)
    assert stats.prompt_tokens == 2 * engine.count_tokens(PROMPT)
    assert stats.completion_tokens == 10
    assert stats.tokens_per_second > 0


def _hold(request_id: str, started: Event, gate: Event) -> Callable[[Output], None]:
    """React to the first output of a request by keeping the engine's thread until the gate opens."""
    seen = count()

    def react(output: Output) -> None:
        if output.request_id == request_id and next(seen) == 0:
            started.set()
            assert gate.wait(WAIT_S)

    return react
