"""How tokens are chosen."""

from collections import Counter

import pytest
import torch

from worker.engine.params import SamplingParams
from worker.engine.sampling import Sampler

CPU = torch.device("cpu")
CHANCES = torch.tensor([0.05, 0.4, 0.05, 0.3, 0.2])
LOGITS = CHANCES.log()


def draw(params: SamplingParams, logits: torch.Tensor = LOGITS, times: int = 2000) -> Counter[int]:
    sampler = Sampler(params, CPU)
    return Counter(sampler.pick(logits) for _ in range(times))


def share(drawn: Counter[int]) -> list[float]:
    return [drawn[token] / drawn.total() for token in range(len(CHANCES))]


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw(SamplingParams(temperature=0), times=50) == {1: 50}


def test_temperature_one_draws_with_the_models_own_chances() -> None:
    assert share(draw(SamplingParams(temperature=1, seed=1))) == pytest.approx(CHANCES.tolist(), abs=0.05)


def test_temperature_sharpens_and_flattens() -> None:
    expected = (LOGITS / 0.5).softmax(-1).tolist()

    assert share(draw(SamplingParams(temperature=0.5, seed=1))) == pytest.approx(expected, abs=0.05)


def test_a_temperature_close_to_zero_is_as_zero() -> None:
    assert draw(SamplingParams(temperature=1e-40), times=50) == {1: 50}


def test_top_k_leaves_the_likeliest_k() -> None:
    expected = [0, 0.4 / 0.7, 0, 0.3 / 0.7, 0]

    assert share(draw(SamplingParams(temperature=1, top_k=2, seed=1))) == pytest.approx(expected, abs=0.05)


def test_top_p_leaves_the_likeliest_that_reach_it() -> None:
    assert set(draw(SamplingParams(temperature=1, top_p=0.69, seed=1))) == {1, 3}
    assert set(draw(SamplingParams(temperature=1, top_p=0.71, seed=1))) == {1, 3, 4}


def test_top_p_always_leaves_one() -> None:
    assert draw(SamplingParams(temperature=1, top_p=1e-6), times=50) == {1: 50}


def test_top_p_counts_within_what_top_k_left() -> None:
    assert set(draw(SamplingParams(temperature=1, top_k=3, top_p=0.44, seed=1))) == {1}
    assert set(draw(SamplingParams(temperature=1, top_k=3, top_p=0.46, seed=1))) == {1, 3}


def test_top_p_reaches_past_the_likeliest_thousand_in_a_flat_distribution() -> None:
    drawn = draw(SamplingParams(temperature=1, top_p=0.9, seed=1), torch.linspace(0.001, 0, 5000), times=200)

    assert max(drawn) > 4000
    assert max(drawn) < 4501


def test_the_same_seed_gives_the_same_tokens() -> None:
    def tokens(seed: int | None) -> list[int]:
        sampler = Sampler(SamplingParams(temperature=1, seed=seed), CPU)
        return [sampler.pick(torch.zeros(1000)) for _ in range(20)]

    assert tokens(7) == tokens(7)
    assert tokens(7) != tokens(8)
    assert tokens(None) != tokens(None)


def test_half_precision_logits_are_drawn_from() -> None:
    drawn = draw(SamplingParams(temperature=1, top_p=0.71, seed=1), LOGITS.bfloat16(), times=200)

    assert set(drawn) == {1, 3, 4}


@pytest.mark.parametrize("temperature", [0, 1])
@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_logits_that_are_not_numbers_are_an_error(temperature: float, broken: float) -> None:
    logits = torch.tensor([0.0, broken, 1.0])

    with pytest.raises(ArithmeticError, match="not finite"):
        Sampler(SamplingParams(temperature=temperature), CPU).pick(logits)
