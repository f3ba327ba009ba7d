"""How likely the tokens of a given text are: the same as transformers says, however the text is read."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.worker.engine.families import VOCABULARY, as_text, make_engine, make_model
from tests.worker.engine.listener import Listener
from worker.engine.errors import BadRequest, EngineError, PromptTooLong
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Message, Request

FAMILIES = ["gpt2", "llama", "mistral", "gemma3_text", "qwen3"]


def some_tokens(count: int, seed: int = 0) -> list[int]:
    rng = Random(seed)
    return [rng.randrange(VOCABULARY) for _ in range(count)]


@torch.inference_mode()
def likely(model: torch.nn.Module, prompt: list[int], continuation: list[int]) -> list[float]:
    """What transformers itself says."""
    logits = model(torch.tensor([prompt + continuation])).logits[0, len(prompt) - 1 : -1]
    chosen = torch.tensor(continuation)[:, None]
    return list(logits.float().log_softmax(-1).gather(1, chosen)[:, 0].tolist())


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(family: str) -> Iterator[Engine]:
    made = make_engine(family, BatchLimits(step_tokens=24, chunk_tokens=7))
    yield made
    made.close()


def test_a_text_read_in_many_chunks(engine: Engine, family: str) -> None:
    model = make_model(family)
    for before, after in [(1, 1), (1, 60), (10, 3), (23, 2), (24, 1), (24, 24), (50, 100), (7, 200)]:
        prompt, continuation = some_tokens(before), some_tokens(after, 1)

        scores = engine.score(as_text(prompt), as_text(continuation))

        assert scores == pytest.approx(likely(model, prompt, continuation), abs=1e-3), (before, after)


def test_a_prompt_that_is_in_the_cache(engine: Engine, family: str) -> None:
    model, prompt = make_model(family), some_tokens(70)
    for seed in range(4):
        continuation = some_tokens(20, seed)

        scores = engine.score(as_text(prompt), as_text(continuation))

        assert scores == pytest.approx(likely(model, prompt, continuation), abs=1e-3)
    assert engine.stats().cached_tokens == 3 * 64


def test_among_others_in_a_cache_that_is_too_small(family: str) -> None:
    engine, model, listener = make_engine(family, BatchLimits(8, 24, 7), kv_tokens=384), make_model(family), Listener()
    for number in range(6):
        prompt, continuation = some_tokens(10 + number, number), some_tokens(150, number + 50)
        params = SamplingParams(max_tokens=200, temperature=0)
        engine.submit(Request(f"written-{number}", as_text(prompt), params), listener)
        engine.submit(Request(f"{number}", as_text(prompt), continuation=as_text(continuation)), listener)

    for number in range(6):
        assert listener.wait_for_finish(f"{number}").reason == "stop"
        assert listener.wait_for_finish(f"written-{number}").reason == "length"
        scores = [one for output in listener.of(f"{number}") for one in output.scores]
        expected = likely(model, some_tokens(10 + number, number), some_tokens(150, number + 50))
        assert scores == pytest.approx(expected, abs=1e-3)
    assert engine.stats().kv_used == 0
    engine.close()


def test_a_score_that_loses_its_place_tells_each_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.engine.loop.scheduler._RESERVE", 4)
    engine, listener = make_engine("llama", BatchLimits(8, 8, 4), kv_tokens=384), Listener()
    params = SamplingParams(max_tokens=190, temperature=0)
    engine.submit(Request("older", as_text(some_tokens(60)), params), listener)
    for number in range(3):
        continuation = as_text(some_tokens(120, number))
        engine.submit(Request(f"{number}", as_text(some_tokens(4)), continuation=continuation), listener)

    for number in range(3):
        assert listener.wait_for_finish(f"{number}").reason == "stop"
        scores = [one for output in listener.of(f"{number}") for one in output.scores]
        assert scores == pytest.approx(likely(make_model("llama"), some_tokens(4), some_tokens(120, number)), abs=1e-3)
    assert engine.stats().preempted > 0
    engine.close()


def test_what_cannot_be_scored_is_refused(llama: Engine) -> None:
    with pytest.raises(BadRequest, match="empty"):
        llama.score("The quick brown fox", "")
    with pytest.raises(BadRequest):
        llama.score("", "fox")
    with pytest.raises(PromptTooLong):
        llama.score("The quick", " brown fox" * 100)


def test_messages_can_be_scored(llama: Engine, llama_folder: Path) -> None:
    messages = (Message("user", "The quick brown fox jumps over"),)
    tokenizer = AutoTokenizer.from_pretrained(llama_folder)
    model = AutoModelForCausalLM.from_pretrained(llama_folder, dtype=torch.float32).eval()
    before = "<|user|>The quick brown fox jumps over<|end|><|assistant|>"
    whole = tokenizer(before + "the lazy dog", add_special_tokens=False).input_ids
    prompt = tokenizer(before, add_special_tokens=False).input_ids
    assert whole[: len(prompt)] == prompt

    scores = llama.score(messages, "the lazy dog")

    assert scores == pytest.approx(likely(model, prompt, whole[len(prompt) :]), abs=1e-3)


def test_a_score_can_be_canceled() -> None:
    engine = make_engine("llama", BatchLimits(8, 2, 1))
    listener = Listener(lambda output: engine.cancel("scored"))
    engine.submit(Request("other", "1", SamplingParams(max_tokens=10)), listener)
    engine.submit(Request("scored", as_text(some_tokens(20)), continuation=as_text(some_tokens(200))), listener)

    assert listener.wait_for_finish("other").reason == "length"
    assert listener.wait_for_finish("scored").reason == "canceled"
    assert engine.stats().kv_used == 0
    engine.close()


def test_logits_that_are_not_numbers_are_an_error_and_no_score() -> None:
    engine = make_engine("llama")
    with torch.no_grad():
        engine._runner._model.model.lm_head.weight[:] = torch.nan  # type: ignore[attr-defined]

    with pytest.raises(EngineError, match="finite"):
        engine.score("1 2 3", "4 5")
    engine.close()
