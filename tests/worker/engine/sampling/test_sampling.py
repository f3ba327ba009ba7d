"""How tokens are chosen."""

from collections import Counter
from dataclasses import replace
from math import inf, nan, sqrt
from random import Random

import pytest
import torch
from torch import Tensor
from transformers import (
    LogitsProcessor,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from worker.engine.errors import BadRequest, EngineError
from worker.engine.params import SamplingParams
from worker.engine.request_state import StepOutput
from worker.engine.sampling.sampling import Sampler, sample

CHANCES = torch.tensor([0.05, 0.4, 0.05, 0.3, 0.2])
LOGITS = CHANCES.log()


class Allowed:
    """A constraint that allows the same tokens forever."""

    finished = False

    def __init__(self, *tokens: int, vocabulary: int = len(CHANCES)) -> None:
        self.allowed = torch.zeros(vocabulary, dtype=torch.bool)
        self.allowed[list(tokens)] = True
        self.accepted: list[int] = []

    def mask(self) -> Tensor:
        return self.allowed

    def accept(self, token: int) -> None:
        if not self.allowed[token]:
            raise BadRequest("not this one")
        self.accepted.append(token)


class Broken(Allowed):
    """A constraint that fails."""

    def mask(self) -> Tensor:
        raise RuntimeError("no grammar")

    def accept(self, token: int) -> None:
        raise RuntimeError("no grammar")


def one(sampler: Sampler, logits: Tensor = LOGITS) -> StepOutput:
    return sample(logits.unsqueeze(0), [sampler])[0]


def draw(
    params: SamplingParams,
    logits: Tensor = LOGITS,
    times: int = 2000,
    prompt: tuple[int, ...] = (),
    constraint: Allowed | None = None,
) -> Counter[int]:
    """Draw from the same logits many times: once for each of many requests, with a seed each, in one batch."""
    samplers = [Sampler(replace(params, seed=seed), prompt, constraint) for seed in range(times)]
    outputs = sample(logits.expand(times, -1), samplers)
    assert not any(its.error for its in outputs)
    return Counter(its.token for its in outputs)


def share(drawn: Counter[int]) -> list[float]:
    return [drawn[token] / drawn.total() for token in range(len(CHANCES))]


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw(SamplingParams(temperature=0), times=50) == {1: 50}


def test_temperature_one_draws_with_the_models_own_chances() -> None:
    assert share(draw(SamplingParams(temperature=1))) == pytest.approx(CHANCES.tolist(), abs=0.05)


def test_temperature_sharpens_and_flattens() -> None:
    expected = (LOGITS / 0.5).softmax(-1).tolist()

    assert share(draw(SamplingParams(temperature=0.5))) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("temperature", [1e-4, 1e-40, 1e-300])
def test_a_temperature_close_to_zero_is_as_zero(temperature: float) -> None:
    assert draw(SamplingParams(temperature=temperature), times=50) == {1: 50}


def test_a_huge_temperature_makes_all_allowed_tokens_equally_likely() -> None:
    drawn = draw(SamplingParams(temperature=1e300), constraint=Allowed(0, 1))

    assert share(drawn) == pytest.approx([0.5, 0.5, 0, 0, 0], abs=0.05)


def test_top_k_leaves_the_likeliest_k() -> None:
    expected = [0, 0.4 / 0.7, 0, 0.3 / 0.7, 0]

    assert share(draw(SamplingParams(temperature=1, top_k=2))) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("top_k", [1, 2, 63, 64, 65, 700, 1999, 2000, 5000])
def test_top_k_leaves_no_more_than_k_of_equally_likely_tokens(top_k: int, dtype: torch.dtype) -> None:
    drawn = draw(SamplingParams(temperature=1, top_k=top_k), torch.zeros(2000, dtype=dtype), times=300)

    assert set(drawn) <= set(range(top_k))


def test_top_k_one_takes_the_same_of_two_likeliest_as_temperature_zero() -> None:
    tied = torch.tensor([0.0, 3.0, 1.0, 3.0])

    assert draw(SamplingParams(temperature=1, top_k=1), tied, 50) == draw(SamplingParams(temperature=0), tied, 50)


def test_top_p_leaves_the_likeliest_that_reach_it() -> None:
    assert set(draw(SamplingParams(temperature=1, top_p=0.69))) == {1, 3}
    assert set(draw(SamplingParams(temperature=1, top_p=0.71))) == {1, 3, 4}


def test_top_p_always_leaves_one() -> None:
    assert draw(SamplingParams(temperature=1, top_p=1e-6), times=50) == {1: 50}
    assert draw(SamplingParams(temperature=1, top_p=1e-300), torch.zeros(700), times=50) == {0: 50}


def test_top_p_counts_within_what_top_k_left() -> None:
    assert set(draw(SamplingParams(temperature=1, top_k=3, top_p=0.44))) == {1}
    assert set(draw(SamplingParams(temperature=1, top_k=3, top_p=0.46))) == {1, 3}


@pytest.mark.parametrize("top_k", [0, 4999])
def test_top_p_reaches_past_the_likeliest_thousand_in_a_flat_distribution(top_k: int) -> None:
    drawn = draw(SamplingParams(temperature=1, top_p=0.9, top_k=top_k), torch.linspace(0.001, 0, 5000), times=400)

    assert 4400 < max(drawn) < 4501


def test_min_p_leaves_tokens_that_are_likely_enough_beside_the_likeliest() -> None:
    assert set(draw(SamplingParams(temperature=1, min_p=0.45))) == {1, 3, 4}
    assert set(draw(SamplingParams(temperature=1, min_p=0.55))) == {1, 3}
    assert set(draw(SamplingParams(temperature=1, min_p=1))) == {1}


def test_repetition_penalty_makes_tokens_of_the_prompt_less_likely() -> None:
    logits = torch.tensor([2.0, -1.0, 0.0, 1.0, 0.5])
    expected = torch.tensor([1.0, -2.0, 0.0, 1.0, 0.5]).softmax(-1).tolist()

    drawn = draw(SamplingParams(temperature=1, repetition_penalty=2), logits, prompt=(0, 1, 1, 0))

    assert share(drawn) == pytest.approx(expected, abs=0.05)


def test_repetition_penalty_counts_the_answers_tokens_and_each_only_once() -> None:
    sampler = Sampler(SamplingParams(temperature=0, repetition_penalty=1.5), [])
    logits = torch.tensor([1.0, 1.4, 0.1])
    chosen = []

    for _ in range(4):
        chosen.append(one(sampler, logits).token)
        sampler.accept(chosen[-1])

    assert chosen == [1, 0, 1, 1]


def test_a_long_answer_is_penalised_as_a_whole() -> None:
    sampler = Sampler(SamplingParams(temperature=0, repetition_penalty=1000), [5, 5, 99_999])
    logits = torch.linspace(2, 1, 300)
    chosen = []

    for _ in range(299):
        chosen.append(one(sampler, logits).token)
        sampler.accept(chosen[-1])

    assert chosen == [token for token in range(300) if token != 5]


def test_only_tokens_that_the_constraint_allows_are_chosen() -> None:
    assert set(draw(SamplingParams(temperature=1), constraint=Allowed(0, 4))) == {0, 4}
    assert draw(SamplingParams(temperature=0), constraint=Allowed(0, 4), times=20) == {4: 20}
    assert draw(SamplingParams(temperature=1, top_p=1e-6), constraint=Allowed(0, 4), times=20) == {4: 20}


def test_a_constraint_and_a_penalty_work_together_and_leave_the_models_logits_alone() -> None:
    sampler = Sampler(SamplingParams(temperature=0, repetition_penalty=9, logprobs=2), [3], Allowed(3, 4))
    logits = torch.tensor([[0.0, 0.0, 0.0, 4.0, 2.0]])
    before = logits.clone()

    output = sample(logits, [sampler])[0]

    assert output.token == 4
    expected = before.log_softmax(-1)[0]
    assert output.ranked == tuple((token, pytest.approx(float(expected[token]))) for token in (4, 3, 4))
    assert torch.equal(logits, before)


def test_an_accepted_token_reaches_the_constraint_and_a_refused_one_is_an_error() -> None:
    constraint = Allowed(2)
    sampler = Sampler(SamplingParams(), [], constraint)

    sampler.accept(2)

    assert constraint.accepted == [2]
    with pytest.raises(BadRequest, match="not this one"):
        sampler.accept(1)
    with pytest.raises(EngineError, match="no grammar"):
        Sampler(SamplingParams(), [], Broken()).accept(1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_logprobs_are_the_models_own_whatever_the_treatment(dtype: torch.dtype) -> None:
    logits = (torch.randn(40, 3001, generator=torch.Generator().manual_seed(3)) * 5).to(dtype)
    kinds = [
        SamplingParams(temperature=2, seed=1),
        SamplingParams(temperature=0),
        SamplingParams(top_k=5, seed=1),
        SamplingParams(temperature=0, repetition_penalty=3),
    ]
    samplers = [
        Sampler(replace(kinds[row % 4], logprobs=[None, 0, 1, 5, 20][row % 5]), range(2000)) for row in range(40)
    ]

    outputs = sample(logits, samplers)

    expected = logits.double().log_softmax(-1)
    for row, output in enumerate(outputs):
        count = samplers[row].params.logprobs
        if count is None:
            assert output.ranked == ()
            continue
        (token, _), *others = output.ranked
        assert token == output.token
        assert [logprob for _, logprob in others] == pytest.approx(expected[row].topk(count).values.tolist(), abs=1e-5)
        for token, logprob in output.ranked:
            assert logprob == pytest.approx(float(expected[row, token]), abs=1e-5)


def test_tokens_without_a_chance_are_not_among_the_likeliest_and_a_small_vocabulary_has_no_more() -> None:
    logits = torch.tensor([[0.0, -inf, 1.0, -inf]])

    (output,) = sample(logits, [Sampler(SamplingParams(temperature=0, logprobs=20), [])])

    assert [token for token, _ in output.ranked] == [2, 2, 0]


def test_the_same_seed_gives_the_same_tokens() -> None:
    def tokens(seed: int | None) -> list[int]:
        sampler = Sampler(SamplingParams(temperature=1, seed=seed), [])
        return [one(sampler, torch.zeros(1000)).token for _ in range(20)]

    assert tokens(7) == tokens(7)
    assert tokens(7) != tokens(8)
    assert tokens(None) != tokens(None)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_a_row_gets_the_same_tokens_in_any_batch(seed: int, threads: int, one_thread: None) -> None:
    """Random requests, each alone, then in random batches in random order: the very same outputs, to the last bit."""
    random = Random(seed)
    vocabulary = random.choice([50, 1000, 5003, 50257])
    dtype = random.choice([torch.float32, torch.bfloat16])
    generator = torch.Generator().manual_seed(seed)
    rows = (torch.randn(3, 12, vocabulary, generator=generator) * random.choice([0.1, 1, 8])).to(dtype)
    wishes = [
        SamplingParams(
            temperature=random.choice([0, 0.3, 1, 1.7]),
            top_k=random.choice([0, 0, 1, 40, 200, 9999]),
            top_p=random.choice([1, 1, 0.2, 0.9, 0.999]),
            min_p=random.choice([0, 0, 0.05]),
            repetition_penalty=random.choice([1, 1, 1.3]),
            logprobs=random.choice([None, None, 0, 1, 20]),
            seed=random.randrange(99),
        )
        for _ in range(12)
    ]
    allowed = random.sample(range(vocabulary), 40)
    constrained = [random.random() < 0.2 for _ in wishes]

    def samplers() -> list[Sampler]:
        return [
            Sampler(its, range(30), Allowed(*allowed, vocabulary=vocabulary) if bound else None)
            for its, bound in zip(wishes, constrained, strict=True)
        ]

    def run(batches: list[list[int]]) -> list[list[StepOutput]]:
        made: list[list[StepOutput]] = [[] for _ in wishes]
        own = samplers()
        for step in rows:
            for batch in batches:
                for row, output in zip(batch, sample(step[batch], [own[row] for row in batch]), strict=True):
                    made[row].append(output)
                    own[row].accept(output.token)
        return made

    order = random.sample(range(12), 12)
    try:
        torch.set_num_threads(threads)
        alone = run([[row] for row in range(12)])
        assert run([order]) == alone
        assert run([order[:1], order[1:4], order[4:]]) == alone
    finally:
        torch.set_num_threads(1)


def test_half_precision_logits_are_drawn_from() -> None:
    assert set(draw(SamplingParams(temperature=1, top_p=0.71), LOGITS.bfloat16(), times=200)) == {1, 3, 4}


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 2**-53])
@pytest.mark.parametrize("vocabulary", [65, 150_001])
def test_a_token_without_a_chance_is_never_chosen(uniform: float, vocabulary: int) -> None:
    """The ends of the cumulative distribution, and its middle, lie beside tokens that may not come."""
    sampler = Sampler(SamplingParams(temperature=1), [])
    sampler.uniform = lambda: uniform
    logits = torch.full((vocabulary,), -inf)
    possible = [5, vocabulary // 2, vocabulary - 4]
    logits[possible] = 1

    assert one(sampler, logits).token == possible[int(uniform * 3)]


def test_every_part_of_a_large_vocabulary_gets_its_share() -> None:
    """150,000 tokens in 10 parts; each part's count lies within five standard deviations of what its chance says."""
    logits = torch.randn(150_000, generator=torch.Generator().manual_seed(5))
    chances = logits.double().softmax(-1).view(10, -1).sum(-1).tolist()
    samplers = [Sampler(SamplingParams(temperature=1, seed=seed), []) for seed in range(40)]

    drawn = Counter(its.token // 15_000 for _ in range(10) for its in sample(logits.expand(40, -1), samplers))

    for part, chance in enumerate(chances):
        assert abs(drawn[part] - 400 * chance) < 5 * sqrt(400 * chance)


@pytest.mark.parametrize(
    "params", [SamplingParams(temperature=0), SamplingParams(), SamplingParams(top_p=0.5, top_k=2)]
)
@pytest.mark.parametrize("broken", [nan, inf])
def test_logits_that_are_not_numbers_are_an_error_of_their_row_only(params: SamplingParams, broken: float) -> None:
    logits = torch.stack([LOGITS, LOGITS, torch.full_like(LOGITS, -inf), LOGITS])
    logits[1, 2] = broken
    params = replace(params, seed=4, logprobs=3)

    outputs = sample(logits, [Sampler(params, []) for _ in range(4)])

    assert [bool(its.error) for its in outputs] == [False, True, True, False]
    assert "not finite" in str(outputs[1].error)
    assert outputs[0] == outputs[3] == one(Sampler(params, []))


def test_a_constraint_that_fails_or_leaves_nothing_is_an_error_of_its_row_only() -> None:
    constraints = [None, Broken(), Allowed(), Allowed(2, vocabulary=4), Allowed(2)]
    samplers = [Sampler(SamplingParams(temperature=1, seed=1), [], its) for its in constraints]

    outputs = sample(LOGITS.expand(5, -1), samplers)

    assert [bool(its.error) for its in outputs] == [False, True, True, True, False]
    assert all(isinstance(its.error, EngineError) for its in outputs[1:4])
    assert outputs[4].token == 2
    assert outputs[0] == one(Sampler(SamplingParams(temperature=1, seed=1), []))


def test_an_empty_batch_has_no_outputs() -> None:
    assert sample(torch.empty(0, 5), []) == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(temperature=1.3),
        SamplingParams(temperature=0.7, top_k=20),
        SamplingParams(temperature=0.7, top_p=0.8),
        SamplingParams(temperature=1.0, min_p=0.1),
        SamplingParams(temperature=0.9, repetition_penalty=1.4, top_k=50, top_p=0.95, min_p=0.02),
    ],
    ids=["temperature", "top_k", "top_p", "min_p", "all"],
)
def test_the_distribution_is_the_one_that_transformers_would_draw_from(params: SamplingParams, seed: int) -> None:
    """The border of top_p may differ where sums of floats round differently; these seeds have no such token."""
    logits = torch.randn(500, generator=torch.Generator().manual_seed(seed)) * 2
    prompt = tuple(range(0, 500, 7))
    expected = _transformers_chances(params, logits, prompt)
    even = 5_000  # draws at even distances through the cumulative distribution, instead of random ones
    samplers = [Sampler(params, prompt) for _ in range(even)]
    for place, sampler in enumerate(samplers):
        sampler.uniform = lambda place=place: (place + 0.5) / even

    drawn: Counter[int] = Counter()
    for start in range(0, even, 1000):
        batch = samplers[start : start + 1000]
        drawn.update(its.token for its in sample(logits.expand(len(batch), -1), batch))

    for token, chance in enumerate(expected.tolist()):
        assert abs(drawn[token] - chance * even) <= 1.01
        if chance * even > 1.01:
            assert drawn[token]
        if not chance:
            assert not drawn[token]


def _transformers_chances(params: SamplingParams, logits: Tensor, prompt: tuple[int, ...]) -> Tensor:
    steps: list[LogitsProcessor] = [TemperatureLogitsWarper(params.temperature)]
    if params.repetition_penalty != 1:
        steps.insert(0, RepetitionPenaltyLogitsProcessor(params.repetition_penalty))
    if params.top_k:
        steps.append(TopKLogitsWarper(params.top_k))
    if params.top_p < 1:
        steps.append(TopPLogitsWarper(params.top_p))
    if params.min_p:
        steps.append(MinPLogitsWarper(params.min_p))
    scores = logits.unsqueeze(0)
    for step in steps:
        scores = step(torch.tensor([prompt]), scores)
    return scores.softmax(-1)[0]
