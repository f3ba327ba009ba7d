"""What one request does, another does not feel; and what all have done leaves nothing behind."""

import gc
from collections.abc import Iterator
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
import torch

from tests.worker.engine.families import VOCABULARY, NumberTokenizer, as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.params import SamplingParams
from worker.engine.protocol import Output, Request

POISON = VOCABULARY - 1
"""A token that the poisoned model can't read."""


def some_tokens(count: int, seed: int = 0) -> list[int]:
    rng = Random(seed)
    return [rng.randrange(POISON) for _ in range(count)]


@pytest.fixture
def poisoned() -> Iterator[BatchEngine[Any]]:
    """An engine whose keys and values are not numbers where the poison was read."""
    engine = poison(make_engine("llama", BatchLimits(16, 64, 8), kv_tokens=1024))
    yield engine
    engine.close()


def poison(engine: BatchEngine[Any]) -> BatchEngine[Any]:
    with torch.no_grad():
        engine._runner._model.model.model.embed_tokens.weight[POISON] = torch.nan  # type: ignore[attr-defined]
    return engine


def write(engine: BatchEngine[Any], listener: Listener, name: str, prompt: list[int], count: int = 20) -> None:
    engine.submit(Request(name, as_text(prompt), SamplingParams(max_tokens=count, temperature=0)), listener)


def test_numbers_that_are_none_fail_their_own_request_only(poisoned: BatchEngine[Any]) -> None:
    model, listener = make_model("llama"), Listener()
    for number in range(6):
        write(poisoned, listener, f"{number}", some_tokens(10 + 9 * number, number))
        write(poisoned, listener, f"bad-{number}", [*some_tokens(40, number), POISON, *some_tokens(number * 20)])

    for number in range(6):
        failed = listener.wait_for_finish(f"bad-{number}")
        assert failed.error is not None and "finite" in failed.error.message
    for number in range(6):
        assert listener.wait_for_finish(f"{number}").reason == "length"
        expected = greedy(model, some_tokens(10 + 9 * number, number), 20)
        assert listener.text(f"{number}") == as_text(expected)


def test_numbers_that_are_none_are_never_found_in_the_cache(poisoned: BatchEngine[Any]) -> None:
    beginning = some_tokens(48)
    listener = Listener()
    write(poisoned, listener, "bad", [*beginning, POISON, *some_tokens(30)])
    assert listener.wait_for_finish("bad").error
    for number in range(12):  # wherever they are, also where the poison was
        write(poisoned, listener, f"{number}", beginning + some_tokens(number, number + 1))

    for number in range(12):
        assert listener.wait_for_finish(f"{number}").reason == "length"
        expected = greedy(make_model("llama"), beginning + some_tokens(number, number + 1), 20)
        assert listener.text(f"{number}") == as_text(expected)


def test_a_poisoned_request_that_is_canceled_before_it_is_found_out_harms_nobody(poisoned: BatchEngine[Any]) -> None:
    model = make_model("llama")

    def react(output: Output) -> None:
        if len(listener.of("running")) == 8:
            poisoned.cancel("bad")

    listener = Listener(react)
    write(poisoned, listener, "running", some_tokens(20), 200)
    write(poisoned, listener, "bad", [POISON, *some_tokens(200)], 20)
    assert listener.wait_for_finish("bad").reason == "canceled"
    texts = {length: greedy(model, some_tokens(length, length), 220 - length) for length in range(2, 101, 7)}
    sound = {length: text for length, text in texts.items() if POISON not in text}
    assert len(sound) > 5
    for length in sound:  # one of them gets the place of the bad one
        write(poisoned, listener, f"{length}", some_tokens(length, length), 220 - length)

    for length, text in sound.items():
        assert listener.wait_for_finish(f"{length}").error is None
        assert listener.text(f"{length}") == as_text(text)


def test_a_token_that_cannot_be_turned_into_text_fails_its_own_request_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fragile(NumberTokenizer):
        def __init__(self) -> None:
            self.count = 0

        def feed(self, token: int) -> str:
            self.count += 1
            if self.count == 4:
                raise KeyError(token)
            return f"{token} "

    class Tokenizer(NumberTokenizer):
        def detokenizer(self, prompt: Any, tokens: Any) -> NumberTokenizer:
            return Fragile() if len(tokens) == 7 else NumberTokenizer()

    monkeypatch.setattr("tests.worker.engine.families.NumberTokenizer", Tokenizer)
    engine, listener = make_engine("llama"), Listener()
    for number in range(4):
        write(engine, listener, f"{number}", some_tokens(10, number))
        write(engine, listener, f"bad-{number}", some_tokens(7, number))

    for number in range(4):
        assert listener.wait_for_finish(f"{number}").reason == "length"
        assert listener.text(f"{number}") == as_text(greedy(make_model("llama"), some_tokens(10, number), 20))
        assert listener.wait_for_finish(f"bad-{number}").reason == "error"
        assert len(listener.text(f"bad-{number}").split()) == 3
    engine.close()


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma3_text"])
def test_a_seed_gives_the_same_tokens_alone_and_among_others(family: str) -> None:
    engine, listener = make_engine(family), Listener()

    def draw(name: str, seed: int) -> None:
        prompt = as_text(some_tokens(5 + 7 * seed, seed))
        params = SamplingParams(max_tokens=40, temperature=1.5, top_p=0.95, seed=seed, repetition_penalty=1.1)
        engine.submit(Request(name, prompt, params), listener)

    for seed in range(5):
        draw(f"alone-{seed}", seed)
        listener.wait_for_finish(f"alone-{seed}")
    for seed in range(20):
        draw(f"{seed}", seed)

    for seed in range(5):
        listener.wait_for_finish(f"{seed}")
        assert listener.text(f"{seed}") == listener.text(f"alone-{seed}")
    assert len({listener.text(f"alone-{seed}") for seed in range(5)}) == 5
    engine.close()


def test_figures_can_be_asked_for_at_any_time() -> None:
    engine, listener, stop = make_engine("llama", kv_tokens=1024), Listener(), Event()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.wait(0.001):
                assert 0 <= engine.stats().kv_used <= 1024
        except BaseException as error:
            failures.append(error)

    looking = Thread(target=look)
    looking.start()
    for number in range(60):
        write(engine, listener, f"{number}", some_tokens(20, number), 5)
    for number in range(60):
        listener.wait_for_finish(f"{number}")
    stop.set()
    looking.join()

    assert failures == []
    engine.close()


def test_2000_requests_leave_memory_where_it_was() -> None:
    engine = make_engine("llama", kv_tokens=4096)

    def serve(count: int, first: int) -> None:
        listener = Listener()
        for number in range(first, first + count):
            name, prompt = f"{number}", as_text(some_tokens(3 + number % 30, number))
            engine.submit(
                Request(name, prompt, SamplingParams(max_tokens=2), group=name, timeout_s=3600),
                listener,
            )
            if number % 7 == 0:
                engine.cancel(name)
        for number in range(first, first + count):
            listener.wait_for_finish(f"{number}")
        engine.submit(Request("last", "1 2 3", SamplingParams(max_tokens=1)), listener)
        listener.wait_for_finish("last")

    serve(200, 0)
    before = memory()
    serve(2000, 200)

    scheduler = engine._scheduler
    assert engine._unfinished == {} and engine._sequences == {} and engine._arrived == []
    assert scheduler.running == [] and scheduler._members == set() and scheduler.waiting == 0
    assert scheduler._queue._clocks == {} and scheduler._queue._groups == {}
    assert scheduler.kv.used == 0
    assert len(scheduler.kv._kept) <= 4096 // 64
    assert len(scheduler.kv._index._extents) <= 4096 // 16
    assert memory() - before < 8_000_000
    engine.close()


def memory() -> int:
    """Bytes of this process that are in the machine's memory."""
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096
