"""Greedy in float32 says what transformers' own `generate` says, token for token, whatever runs beside it."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from tests.worker.engine.families import SUPPORTED, VOCABULARY, as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request

Tokens = list[int]
MakeEngine = Callable[..., Engine]


@pytest.fixture(params=SUPPORTED)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(family: str) -> Iterator[MakeEngine]:
    made: list[Engine] = []

    def make_one(**options: Any) -> Engine:
        made.append(make_engine(family, **options))
        return made[-1]

    yield make_one
    for engine in made:
        engine.close()


def some_prompts(count: int, shortest: int, longest: int, seed: int = 0) -> list[Tokens]:
    rng = Random(seed)
    return [[rng.randrange(VOCABULARY) for _ in range(rng.randint(shortest, longest))] for _ in range(count)]


def submit(engine: Engine, name: str, prompt: Tokens, count: int, listener: Listener) -> None:
    engine.submit(Request(name, as_text(prompt), SamplingParams(max_tokens=count, temperature=0)), listener)


def said(listener: Listener, name: str) -> Tokens:
    assert listener.wait_for_finish(name).reason == "length"
    return [int(word) for word in listener.text(name).split()]


def test_a_single_request(make: MakeEngine, family: str) -> None:
    [prompt] = some_prompts(1, 11, 11)
    submit(make(), "one", prompt, 24, listener := Listener())

    expected = greedy(make_model(family), prompt, 24)
    assert said(listener, "one") == expected
    assert len(set(expected)) > 2


def test_mixed_lengths_in_one_batch(make: MakeEngine, family: str) -> None:
    prompts = some_prompts(9, 1, 100)
    engine, listener, model = make(), Listener(), make_model(family)
    for number, prompt in enumerate(prompts):
        submit(engine, f"{number}", prompt, 10 + number, listener)

    for number, prompt in enumerate(prompts):
        assert said(listener, f"{number}") == greedy(model, prompt, 10 + number), number


def test_requests_that_join_and_leave_on_the_way(make: MakeEngine, family: str) -> None:
    prompts = some_prompts(8, 2, 40)
    engine, model = make(), make_model(family)
    waiting = list(enumerate(prompts))

    def react(output: Output) -> None:
        if output.request_id == "3":
            engine.cancel("3")
        if waiting:
            number, prompt = waiting.pop(0)
            submit(engine, f"{number}", prompt, 8 + number, listener)

    listener = Listener(react)
    for _ in range(2):
        number, prompt = waiting.pop(0)
        submit(engine, f"{number}", prompt, 8 + number, listener)

    assert listener.wait_for_finish("3").reason == "canceled"
    for number in (0, 1, 2, 4, 5, 6, 7):
        assert said(listener, f"{number}") == greedy(model, prompts[number], 8 + number), number


@pytest.mark.parametrize("chunk", [1, 2, 7, 16, 33, 64])
def test_prompts_read_in_chunks(make: MakeEngine, family: str, chunk: int) -> None:
    prompts = some_prompts(3, 30, 70)
    engine, listener = make(limits=BatchLimits(step_tokens=chunk, chunk_tokens=chunk)), Listener()
    for number, prompt in enumerate(prompts):
        submit(engine, f"{number}", prompt, 6, listener)

    model = make_model(family)
    for number, prompt in enumerate(prompts):
        assert said(listener, f"{number}") == greedy(model, prompt, 6)


def test_a_beginning_that_is_in_the_cache(make: MakeEngine, family: str) -> None:
    rng = Random(1)
    beginning = [rng.randrange(VOCABULARY) for _ in range(50)]
    endings = some_prompts(6, 1, 20)
    engine, listener, model = make(), Listener(), make_model(family)
    submit(engine, "first", beginning + endings[0], 6, listener)
    listener.wait_for_finish("first")
    for number, ending in enumerate(endings):
        submit(engine, f"{number}", beginning + ending, 12, listener)

    for number, ending in enumerate(endings):
        assert said(listener, f"{number}") == greedy(model, beginning + ending, 12)
        assert listener.wait_for_finish(f"{number}").usage.cached_tokens >= 48
    stats = engine.stats()
    assert 0.5 < stats.cached_tokens / stats.prompt_tokens < 1


def test_requests_that_wait_for_a_place(make: MakeEngine, family: str) -> None:
    prompts = some_prompts(5, 20, 60)
    engine, listener, model = make(kv_tokens=192), Listener(), make_model(family)
    for number, prompt in enumerate(prompts):
        submit(engine, f"{number}", prompt, 20, listener)

    for number, prompt in enumerate(prompts):
        assert said(listener, f"{number}") == greedy(model, prompt, 20)
    assert engine.stats().kv_used == 0


def test_requests_that_move_or_lose_their_place(make: MakeEngine, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.engine.loop.scheduler._RESERVE", 8)
    prompts = some_prompts(4, 20, 60)
    engine, listener, model = make(kv_tokens=320), Listener(), make_model(family)
    for number, prompt in enumerate(prompts):
        submit(engine, f"{number}", prompt, 70, listener)

    for number, prompt in enumerate(prompts):
        assert said(listener, f"{number}") == greedy(model, prompt, 70)
    assert engine.stats().preempted > 0
