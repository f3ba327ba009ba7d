"""Choosing the next tokens of a whole batch from the model's logits.

Each row goes its own request's way: repetition penalty, constraint, temperature, top_k, top_p, min_p, in this order.
What a row gets depends on its own logits, seed and past, never on the rows beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from random import Random

import torch
from torch import Tensor

from worker.engine.errors import EngineError
from worker.engine.params import SamplingParams
from worker.engine.sampling.exact_weights import draw, logarithms, pad, weigh
from worker.engine.sampling.grammar import Constraint
from worker.engine.sampling.repetition import Repetition
from worker.engine.sampling.truncation import truncate

_COLDEST = 1e-5
"""Below this temperature only the likeliest token has a chance."""

_HOTTEST = 1e30
"""Above this temperature, which float32 can hold, all tokens are equally likely."""

_CPU_ROWS = 8
"""With more rows at once, the memory for what is worked out in between costs more than the work."""


class Sampler:
    """One request's way of choosing, and what it must remember for it."""

    def __init__(self, params: SamplingParams, prompt: Sequence[int], constraint: Constraint | None = None) -> None:
        self.params = params
        self.constraint = constraint
        self.repetition = Repetition(params.repetition_penalty, prompt) if params.repetition_penalty != 1 else None
        self._random = Random(params.seed)

    @property
    def is_greedy(self) -> bool:
        return self.params.temperature < _COLDEST or self.params.top_k == 1

    def uniform(self) -> float:
        """The request's next random number, from 0 up to but without 1."""
        return self._random.random()

    def accept(self, token: int) -> None:
        """Note that this token was chosen. Raises EngineError when the constraint refuses it."""
        if self.repetition:
            self.repetition.add(token)
        if self.constraint:
            try:
                self.constraint.accept(token)
            except EngineError:
                raise
            except Exception as error:
                raise EngineError(f"The answer's form could not be followed: {error}") from error


@dataclass(frozen=True, slots=True)
class Pick:
    """The token that was chosen, unless there is an error.

    logprob: where the request asks for it, the natural logarithm of the token's probability in the model's own eyes.
    """

    token: int
    logprob: float | None = None
    error: EngineError | None = None


@torch.inference_mode()
def pick(logits: Tensor, samplers: Sequence[Sampler]) -> list[Pick]:
    """Choose a token for each row of logits (n, vocabulary); row i belongs to samplers[i]. Changes no logits.

    The fault of one row is the error of its pick, and no other row's.
    """
    if logits.device.type == "mps":
        logits = logits.cpu()  # sums must be exact, and mps has no float64
    errors: dict[int, EngineError] = {}
    treated = _treat(logits, samplers, errors)
    best, tokens = treated.max(-1)
    drawn = [row for row, sampler in enumerate(samplers) if not sampler.is_greedy]
    for rows in _groups(drawn, logits.device):
        index = torch.tensor(rows, device=logits.device)
        tokens[index] = _draw(treated[index], best[index], [samplers[row] for row in rows])
    found = [tokens.double(), best.double()]
    asked = [row for row, sampler in enumerate(samplers) if sampler.params.logprobs]
    if asked:
        found.append(torch.zeros_like(best, dtype=torch.float64))
    for rows in _groups(asked, logits.device):
        index = torch.tensor(rows, device=logits.device)
        found[-1][index] = logarithms(logits[index], tokens[index])
    return [
        _conclude(sampler, errors.get(row), *values)
        for row, (sampler, values) in enumerate(zip(samplers, torch.stack(found, 1).tolist(), strict=True))
    ]


def _treat(logits: Tensor, samplers: Sequence[Sampler], errors: dict[int, EngineError]) -> Tensor:
    """Return the logits as float32 after repetition penalties and constraints. Rows that failed are noted in errors."""
    repetitions = {row: sampler.repetition for row, sampler in enumerate(samplers) if sampler.repetition}
    masks = {}
    for row, sampler in enumerate(samplers):
        if sampler.constraint:
            try:
                masks[row] = _mask(sampler.constraint, logits.shape[-1])
            except EngineError as error:
                errors[row] = error
    if not repetitions and not masks:
        return logits.float()
    treated = logits.to(torch.float32, copy=True)
    for row, repetition in repetitions.items():
        repetition.penalise(treated[row])
    if masks:
        forbidden = torch.stack(list(masks.values())).logical_not_().to(logits.device)
        for row, its in zip(masks, forbidden, strict=True):
            treated[row].masked_fill_(its, -torch.inf)
    return treated


def _mask(constraint: Constraint, vocabulary: int) -> Tensor:
    """Ask for the constraint's mask. Raises EngineError, also when it is none."""
    try:
        mask = constraint.mask()
        if mask.dtype != torch.bool or mask.shape != (vocabulary,):
            raise ValueError(f"a mask of {vocabulary} bools was expected, not {mask.dtype} {tuple(mask.shape)}")
        some = bool(mask.any())
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(f"The answer's form could not be followed: {error}") from error
    if not some:
        raise EngineError("The answer's form leaves no token that may come next.")
    return mask


def _draw(logits: Tensor, best: Tensor, samplers: Sequence[Sampler]) -> Tensor:
    """Draw one token of each row of treated logits. best: shape (n,), each row's greatest logit."""
    numbers = [[min(sampler.params.temperature, _HOTTEST), sampler.uniform()] for sampler in samplers]
    temperature, uniform = torch.tensor(numbers, dtype=torch.float64, device=logits.device).unbind(-1)
    weights = weigh(pad(logits), best, temperature.float())
    truncate(weights, [sampler.params for sampler in samplers])
    return draw(weights, uniform)


def _groups(rows: list[int], device: torch.device) -> list[list[int]]:
    """Split rows into as many as are best worked on at once."""
    size = _CPU_ROWS if device.type == "cpu" else len(rows)
    return [rows[start : start + size] for start in range(0, len(rows), size)] if rows else []


def _conclude(sampler: Sampler, error: EngineError | None, token: float, best: float, logprob: float = 0.0) -> Pick:
    if error is None and not (isfinite(best) and isfinite(logprob)):
        error = EngineError("The model's logits are not finite.")
    return Pick(int(token), logprob if sampler.params.logprobs and not error else None, error)
