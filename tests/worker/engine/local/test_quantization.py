"""A model runs with int8 weights where that is exact enough, and is refused with the figure where it is not."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.worker.engine.listener import Listener
from worker.engine.errors import ModelLoadError
from worker.engine.local import quantization
from worker.engine.local.loading import load_engine
from worker.engine.local.quantization import mean_divergence
from worker.engine.params import SamplingParams
from worker.engine.protocol import Request


def say(engine: Any, name: str, prompt: str) -> str:
    engine.submit(Request(name, prompt, SamplingParams(max_tokens=20, temperature=0)), listener := Listener())
    assert listener.wait_for_finish(name).error is None
    return listener.text(name)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("model", ["gpt2_folder", "llama_folder"])
def test_a_model_answers_with_int8_weights(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, model: str, dtype: str
) -> None:
    folder: Path = request.getfixturevalue(model)
    monkeypatch.setattr(quantization, "MAX_DIVERGENCE", 0.1)  # random weights, and large ones, are sensitive

    engine = load_engine(str(folder), device="cpu", dtype=dtype, weights="int8")
    try:
        alone = say(engine, "first", "Once upon a time there was a fox")
        assert alone
        assert say(engine, "again", "Once upon a time there was a fox") == alone
        assert engine.stats().cached_tokens > 0  # the beginning came from the prefix cache
    finally:
        engine.close()


def test_one_that_gets_worse_is_refused_with_the_figure(gpt2_folder: Path) -> None:
    with pytest.raises(ModelLoadError, match=r"predictions is 0\.0[1-9]\d*, and at most 0\.01 is allowed"):
        load_engine(str(gpt2_folder), device="cpu", weights="int8")


def test_float16_on_a_cpu_is_refused(gpt2_folder: Path) -> None:
    with pytest.raises(ModelLoadError, match="not possible with float16 on cpu"):
        load_engine(str(gpt2_folder), device="cpu", dtype="float16", weights="int8")


def test_the_loss_is_that_of_the_perplexity_of_its_own_texts() -> None:
    torch.manual_seed(0)
    before = torch.randn(3, 50).log_softmax(-1)
    after = (before + 0.2 * torch.randn(3, 50)).log_softmax(-1)

    sampled = [torch.multinomial(row.exp(), 200_000, replacement=True) for row in before]
    seen = torch.stack([(b - a)[tokens].mean() for b, a, tokens in zip(before, after, sampled, strict=True)])
    assert mean_divergence(before, after) == pytest.approx(float(seen.mean()), rel=0.1)
    assert mean_divergence(before, before) == 0
    assert mean_divergence(before, torch.full_like(before, torch.nan)) == float("inf")
