"""Prompt lookup: an engine that guesses tokens says the same as one that does not, whatever it guesses."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from tests.worker.engine.families import VOCABULARY, as_text, greedy, make_engine, make_model
from tests.worker.engine.listener import Listener, ask
from worker.engine.local.loading import load_engine
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.prompt_lookup import PromptLookup
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.params import SamplingParams
from worker.engine.protocol import Output, Request

OFF, ON = BatchLimits(8, 64, 16), BatchLimits(8, 64, 16, drafts=24)
Asks = list[tuple[list[int], SamplingParams]]


def repeating(seed: int, longest: int = 100) -> list[int]:
    """A prompt that says the same again and again."""
    rng = Random(seed)
    part = [rng.randrange(VOCABULARY) for _ in range(rng.randint(1, 15))]
    return (part * longest)[: rng.randint(1, longest)]


def answers(engine: BatchEngine[Any], asks: Asks) -> list[Any]:
    """All that is heard of each request, but for its times and the pieces in which it came."""
    listener = Listener()
    for number, (prompt, params) in enumerate(asks):
        engine.submit(Request(f"{number}", as_text(prompt), params), listener)
    heard = []
    for number in range(len(asks)):
        finish = listener.wait_for_finish(f"{number}")
        logprobs = [*chain.from_iterable(one.logprobs for one in listener.of(f"{number}"))]
        near = [(one.token, pytest.approx(one.logprob, abs=1e-4)) for one in logprobs]
        heard.append((listener.text(f"{number}"), finish.reason, finish.usage.completion_tokens, finish.error, near))
    return heard


def run(family: str, limits: BatchLimits, asks: Asks, **options: Any) -> tuple[list[Any], BatchEngine[Any]]:
    engine = make_engine(family, limits, **options)
    try:
        return answers(engine, asks), engine
    finally:
        engine.close()


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[list[int]]], None]:
    """Makes all guesses from texts that are known, with a wrong token here and there."""

    def foretell(texts: list[list[int]]) -> None:
        rng = Random(0)

        def propose(self: PromptLookup, tokens: Sequence[int], most: int) -> list[int]:
            known = next(text for text in texts if text[: len(tokens)] == list(tokens))
            guessed = known[len(tokens) : len(tokens) + rng.randint(0, most)]
            return [token if rng.random() < 0.9 else rng.randrange(VOCABULARY) for token in guessed]

        monkeypatch.setattr(PromptLookup, "propose", propose)

    return foretell


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()]


@pytest.mark.parametrize("family", ["gpt2", "llama", "mistral", "qwen3"])
def test_greedy_answers_are_the_same(family: str) -> None:
    asks: Asks = [(repeating(seed), SamplingParams(max_tokens=30, temperature=0)) for seed in range(50)]

    expected, _ = run(family, OFF, asks)
    found, engine = run(family, ON, asks)

    assert found == expected
    assert numbers(found[0][0]) == greedy(make_model(family), asks[0][0], 30)
    assert engine.stats().accepted_tokens > 10


@pytest.mark.parametrize("family", ["gpt2", "llama", "gemma3_text"])
def test_every_kind_of_request_is_the_same_at_any_number_of_right_guesses(
    family: str, oracle: Callable[[list[list[int]]], None]
) -> None:
    """Seeds, penalties, truncation, log-probabilities, and lengths and stop strings that end within guesses."""
    asks: Asks = []
    for seed in range(30):
        rng = Random(seed)
        params = SamplingParams(
            max_tokens=rng.randint(1, 24),
            temperature=rng.choice([0, 0.3, 1, 1.5]),
            top_p=rng.choice([1, 0.8]),
            top_k=rng.choice([0, 20]),
            min_p=rng.choice([0, 0.05]),
            repetition_penalty=rng.choice([1, 1.3]),
            logprobs=rng.choice([None, 0, 3]),
            stop=rng.choice([(), ("9 1", "77"), ("8",)]),
            seed=seed,
        )
        asks.append((repeating(seed), params))
    expected, _ = run(family, OFF, asks)
    whole = [(prompt, SamplingParams(**_unstopped(params))) for prompt, params in asks]
    texts, _ = run(family, OFF, whole)
    oracle([prompt + numbers(text) for (prompt, _), (text, *_) in zip(asks, texts, strict=True)])

    found, engine = run(family, ON, asks)

    assert found == expected
    assert {reason for _, reason, *_ in found} == {"stop", "length"}
    assert 50 < engine.stats().accepted_tokens < engine.stats().drafted_tokens


def _unstopped(params: SamplingParams) -> dict[str, Any]:
    return {name: getattr(params, name) for name in SamplingParams.__slots__} | {"stop": (), "max_tokens": 30}


def test_what_comes_of_a_seed_is_distributed_as_the_model_says() -> None:
    """The third and fourth token after a prompt that repeats itself, beside their exact probabilities (chi-square)."""
    small = {"vocab_size": 4, "initializer_range": 0.15}
    prompt, count = [1, 2, 3, 1, 2, 3, 1, 2], 800
    asks: Asks = [(prompt, SamplingParams(max_tokens=4, temperature=1, seed=seed)) for seed in range(count)]

    found, engine = run("llama", BatchLimits(8, 64, 16, drafts=64), asks, **small)

    model, ways = make_model("llama", **small), [*product(range(4), repeat=4)]
    with torch.inference_mode():
        logits = model(torch.tensor([prompt + list(way) for way in ways])).logits[:, len(prompt) - 1 : -1]
        each = logits.float().softmax(-1).gather(-1, torch.tensor(ways)[..., None])[..., 0].prod(-1).tolist()
    expected: Counter[tuple[int, ...]] = Counter()
    for way, chance in zip(ways, each, strict=True):
        expected[way[2:]] += chance * count  # type: ignore[assignment]
    seen = Counter(tuple(numbers(text)[2:]) for text, *_ in found)
    chi_square = sum((seen[way] - much) ** 2 / much for way, much in expected.items())
    assert min(expected.values()) > 5
    assert chi_square < 37.7, "15 degrees of freedom: less than one in a thousand"
    assert engine.stats().accepted_tokens > 100


def test_a_cache_that_is_too_small_changes_nothing(oracle: Callable[[list[list[int]]], None]) -> None:
    asks: Asks = [(repeating(seed, 60), SamplingParams(max_tokens=60, temperature=0)) for seed in range(12)]
    expected, _ = run("llama", OFF, asks)
    oracle([prompt + numbers(text) for (prompt, _), (text, *_) in zip(asks, expected, strict=True)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worker.engine.loop.scheduler._RESERVE", 1)
        found, engine = run("llama", ON, asks, kv_tokens=320)

    assert found == expected
    assert engine.stats().preempted > 0
    assert engine.stats().accepted_tokens > 100
    assert engine.stats().kv_used == 0


def test_the_prefix_cache_holds_no_wrong_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are continued from the cache, while each step reads guesses that are nearly all wrong."""
    monkeypatch.setattr(PromptLookup, "propose", lambda self, tokens, most: [len(tokens) % VOCABULARY] * most)
    engine, model = make_engine("llama", ON), make_model("llama")
    for seed in range(6):
        prompt = repeating(seed, 60)
        for _ in range(3):
            finish = (listener := ask(engine, as_text(prompt), max_tokens=20, temperature=0)).wait_for_finish("only")
            expected = greedy(model, prompt, 20)
            assert numbers(listener.text("only")) == expected
            prompt = prompt + expected
        assert finish.usage.cached_tokens > 16
    engine.close()


def test_a_request_that_is_canceled_within_guesses_leaves_nothing(oracle: Callable[[list[list[int]]], None]) -> None:
    prompt = repeating(3)
    expected = greedy(make_model("llama"), prompt, 100)
    oracle([prompt + expected])
    engine = make_engine("llama", ON)

    def cancel(output: Output) -> None:
        if output.request_id == "canceled" and output.text and not output.finish:
            engine.cancel("canceled")

    listener = Listener(cancel)
    params = SamplingParams(max_tokens=100, temperature=0)
    engine.submit(Request("canceled", as_text(prompt), params), listener)
    engine.submit(Request("other", as_text(prompt), params), listener)

    assert listener.wait_for_finish("canceled").reason == "canceled"
    assert len(numbers(listener.text("canceled"))) < 100
    assert listener.wait_for_finish("other").reason == "length"
    assert numbers(listener.text("other")) == expected
    assert engine.stats().kv_used == 0
    engine.close()


def test_a_guess_that_the_model_cannot_read_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    poison, asks = VOCABULARY - 1, [(repeating(seed), SamplingParams(max_tokens=20, temperature=0)) for seed in (1, 2)]
    monkeypatch.setattr(PromptLookup, "propose", lambda self, tokens, most: [poison] * most)
    engine = make_engine("llama", ON)
    with torch.no_grad():
        engine._runner._model.model.model.embed_tokens.weight[poison] = torch.nan  # type: ignore[attr-defined]
    expected = [as_text(greedy(make_model("llama"), prompt, 20)) for prompt, _ in asks]

    assert [text for text, *_ in answers(engine, asks)] == expected
    engine.close()


def test_a_model_without_a_kernel_says_the_same(
    monkeypatch: pytest.MonkeyPatch, oracle: Callable[[list[list[int]]], None]
) -> None:
    monkeypatch.setattr("worker.engine.model.patched_model.build_kernels", lambda *_: {})
    asks: Asks = [(repeating(seed), SamplingParams(max_tokens=30, temperature=0)) for seed in range(8)]
    expected, _ = run("mistral", OFF, asks)
    oracle([prompt + numbers(text) for (prompt, _), (text, *_) in zip(asks, expected, strict=True)])

    found, engine = run("mistral", ON, asks)

    assert found == expected
    assert engine.stats().accepted_tokens > 50


@pytest.fixture(scope="module")
def pair(gpt2_folder: Path) -> Iterator[tuple[Any, Any]]:
    """The same model without and with prompt lookup."""
    engines = tuple(load_engine(str(gpt2_folder), device="cpu", prompt_lookup=wanted) for wanted in (False, True))
    yield engines[0], engines[1]
    for engine in engines:
        engine.close()


def test_answers_in_a_form_are_the_same(pair: tuple[Any, Any]) -> None:
    off, on = pair
    schema = '{"type":"array","items":{"enum":["the quick brown fox","the lazy dog"]},"minItems":4,"maxItems":5}'
    forms: list[dict[str, Any]] = [
        {"schema": schema},
        {"choices": ("the quick brown fox jumps", "the quick brown dog")},
    ]
    prompt = 'Say ["the quick brown fox","the lazy dog","the quick brown fox","the lazy dog"] again: '

    for seed, form in product(range(6), forms):
        params = {"max_tokens": 60, "temperature": seed % 2, "seed": seed, **form}
        heard = [ask(engine, prompt, **params) for engine in (off, on)]
        assert heard[0].text("only") == heard[1].text("only")
        assert heard[0].wait_for_finish("only").usage == heard[1].wait_for_finish("only").usage
    assert off.stats().drafted_tokens == 0
    assert on.stats().accepted_tokens > 100
