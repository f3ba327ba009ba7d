"""Probabilities as exact whole numbers, so that a token is drawn alike in every batch.

Sums of floats depend on the order in which a device adds them, and that order on how many rows it works on. Whole
numbers below 2⁵³ add exactly in float64 in any order. So draws from a row are equal in every batch, to the last bit.
"""

import torch
from torch import Tensor

MAX_WEIGHT = 2.0**34
"""The weight of a row's likeliest token. Up to 2¹⁹ of them sum to 2⁵³. Tokens 2³⁵ times less likely are never drawn."""

_BLOCK = 64
"""Rows are searched block by block; they are as wide as a whole number of blocks."""


def pad(logits: Tensor) -> Tensor:
    """Copy logits (n, vocabulary) to float32, as wide as the other functions need; added columns are never drawn."""
    count, vocabulary = logits.shape
    padded = logits.new_full((count, -(-vocabulary // _BLOCK) * _BLOCK), -torch.inf, dtype=torch.float32)
    padded[:, :vocabulary] = logits
    return padded


def to_weights(logits: Tensor, best: Tensor, temperature: Tensor | None = None) -> Tensor:
    """Turn padded logits into weights, in place. best, temperature: shape (n,); best is each row's greatest logit."""
    logits.sub_(best.unsqueeze(-1))
    if temperature is not None:
        logits.div_(temperature.unsqueeze(-1))
    return logits.exp_().mul_(MAX_WEIGHT).round_()


def draw(weights: Tensor, uniform: Tensor) -> Tensor:
    """Choose one index of each row of weights (n, width), with a chance proportional to its weight.

    uniform: float64, shape (n,), from 0 up to but without 1: where in the row's cumulative distribution to look.
    """
    total = block_sums(weights).sum(-1)
    return find(weights, (uniform * total).floor().minimum(total - 1))


def find(weights: Tensor, unit: Tensor) -> Tensor:
    """Return the index in each row that holds this unit, where the row's weights are so many units, counted from 0.

    An index of weight 0 holds no unit. weights: (n, width), whole numbers or bool. unit: float64, shape (n,).
    """
    each = block_sums(weights)
    ends = each.cumsum(-1)
    wanted = unit.unsqueeze(-1)
    block = torch.searchsorted(ends, wanted, right=True).clamp_(max=ends.shape[-1] - 1)
    wanted = wanted - (ends - each).gather(-1, block)
    blocks = weights.view(len(weights), -1, _BLOCK)
    inside = blocks.gather(1, block.unsqueeze(-1).expand(-1, -1, _BLOCK)).squeeze(1).double().cumsum(-1)
    place = torch.searchsorted(inside, wanted, right=True).clamp_(max=_BLOCK - 1)
    return (block * _BLOCK + place).squeeze(-1)


def block_sums(weights: Tensor) -> Tensor:
    """Add up weights (n, width), block by block: float64, shape (n, blocks). Exact, and so is their sum."""
    blocks = weights.view(len(weights), -1, _BLOCK)
    return blocks.sum(-1, dtype=torch.float64 if weights.is_floating_point() else torch.int32).double()


def log_probabilities(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the natural logarithms of the tokens' probabilities under logits (n, vocabulary).

    tokens: shape (n, m), as that of the result, which is float64.
    """
    padded = pad(logits)
    best = padded.amax(-1, keepdim=True)
    own = padded.gather(-1, tokens)
    share = block_sums(to_weights(padded, best.squeeze(-1))).sum(-1, keepdim=True) / MAX_WEIGHT
    return own.double() - best.double() - share.log()
