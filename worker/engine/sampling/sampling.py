"""Samples the next tokens of a whole batch from the model's logits.

Each row follows its own request: repetition penalty, constraint, temperature, top_k, top_p, min_p, in this order.
Its token depends on its own logits, seed and past, never on the rows beside it.
"""

from collections.abc import Sequence
from math import inf, isfinite
from random import Random

import torch
from torch import Tensor

from worker.engine.errors import EngineError
from worker.engine.params import SamplingParams
from worker.engine.request_state import StepOutput
from worker.engine.sampling.exact_weights import draw, log_probabilities, pad, to_weights
from worker.engine.sampling.grammar import Constraint
from worker.engine.sampling.repetition import Repetition
from worker.engine.sampling.truncation import truncate

_MIN_TEMPERATURE = 1e-5
"""Below it only the likeliest token has a chance."""

_MAX_TEMPERATURE = 1e30
"""Above it, all tokens are equally likely; float32 can hold it."""

_NOT_FINITE = "The model's logits are not finite."
_CPU_ROWS = 8
"""Rows that are worked on at once: with more, the memory for intermediate results costs more than the work."""


class Sampler:
    """One request's parameters, random numbers, repetition penalty and constraint."""

    def __init__(self, params: SamplingParams, prompt: Sequence[int], constraint: Constraint | None = None) -> None:
        self.params = params
        self.constraint = constraint
        self.repetition = Repetition(params.repetition_penalty, prompt) if params.repetition_penalty != 1 else None
        self._random = Random(params.seed)

    @property
    def is_greedy(self) -> bool:
        return self.params.temperature < _MIN_TEMPERATURE or self.params.top_k == 1

    def uniform(self) -> float:
        """Return the request's next random number, from 0 up to but without 1."""
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


@torch.inference_mode()
def sample(logits: Tensor, samplers: Sequence[Sampler]) -> list[StepOutput]:
    """Sample a token for each row of logits (n, vocabulary); row i belongs to samplers[i]. Changes no logits.

    The outputs have a token, and where the request asks for it, the log-probabilities of that and of the likeliest ones
    under the model. The fault of one row is the error of its output, which has no token then, and no other row's.
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
    outputs = [
        _conclude(errors.get(row), *values)
        for row, values in enumerate(torch.stack([tokens.double(), best.double()], 1).tolist())
    ]
    ranked = [row for row, sampler in enumerate(samplers) if sampler.params.logprobs is not None]
    for rows in _groups(ranked, logits.device):
        index = torch.tensor(rows, device=logits.device)
        counts = [samplers[row].params.logprobs or 0 for row in rows]
        for row, found in zip(rows, _rank(logits[index], tokens[index], counts), strict=True):
            outputs[row] = _with_ranked(outputs[row], found)
    return outputs


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
    """Return the constraint's mask. Raises EngineError, also for a mask of another shape or type."""
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
    numbers = [[min(sampler.params.temperature, _MAX_TEMPERATURE), sampler.uniform()] for sampler in samplers]
    temperature, uniform = torch.tensor(numbers, dtype=torch.float64, device=logits.device).unbind(-1)
    weights = to_weights(pad(logits), best, temperature.float())
    truncate(weights, [sampler.params for sampler in samplers])
    return draw(weights, uniform)


def _rank(logits: Tensor, tokens: Tensor, counts: Sequence[int]) -> list[tuple[tuple[int, float], ...]]:
    """Return the log-probability of each row's token, and of so many of the likeliest that have a chance.

    Equally likely ones are in the order of their numbers, so that a row is ranked alike in every batch.
    """
    most = min(max(counts), logits.shape[-1])
    numbers = torch.cat([tokens.unsqueeze(-1), logits.topk(most).indices], -1)
    both = torch.stack([numbers.double(), log_probabilities(logits, numbers)]).tolist()
    found = []
    for count, its, logprobs in zip(counts, *both, strict=True):
        own, *others = zip(map(int, its), logprobs, strict=True)
        possible = sorted((one for one in others if one[1] > -inf), key=lambda one: (-one[1], one[0]))
        found.append((own, *possible[:count]))
    return found


def _groups(rows: list[int], device: torch.device) -> list[list[int]]:
    """Split rows into groups that are worked on at once."""
    size = _CPU_ROWS if device.type == "cpu" else len(rows)
    return [rows[start : start + size] for start in range(0, len(rows), size)] if rows else []


def _conclude(error: EngineError | None, token: float, best: float) -> StepOutput:
    if error is None and not isfinite(best):
        error = EngineError(_NOT_FINITE)
    return StepOutput(int(token)) if error is None else StepOutput(error=error)


def _with_ranked(output: StepOutput, ranked: tuple[tuple[int, float], ...]) -> StepOutput:
    if output.error is not None:
        return output
    if not isfinite(ranked[0][1]):
        return StepOutput(error=EngineError(_NOT_FINITE))
    return StepOutput(output.token, ranked=ranked)
