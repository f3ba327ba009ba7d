"""Truncates distributions to their likelier tokens: top_k, top_p and min_p."""

from collections.abc import Callable, Sequence
from math import inf

import numpy as np
import torch
from torch import Tensor

from worker.engine.params import SamplingParams
from worker.engine.sampling.exact_weights import MAX_WEIGHT, block_sums, find

_SORTED_FIRST = 128
"""The likeliest weights, sorted first. They nearly always hold top_p; rows where they don't are sorted whole."""

_SORTED_AT_ONCE = 4
"""Rows; more no longer fit a processor's cache."""


def truncate(weights: Tensor, params: Sequence[SamplingParams]) -> None:
    """Set the weights of excluded tokens to 0, in place. weights: shape (n, width), as `to_weights` returns them.

    Of tokens that are equally likely at the border, those with lower numbers stay. The likeliest always stays.
    """
    ranked = [row for row, its in enumerate(params) if its.top_k or its.top_p < 1]
    if ranked:
        _change(weights, ranked, lambda part: _keep_top(part, [params[row] for row in ranked]))
    floored = [row for row, its in enumerate(params) if its.min_p]
    if floored:
        floors = torch.tensor([params[row].min_p * MAX_WEIGHT for row in floored], device=weights.device)
        _change(weights, floored, lambda part: part.masked_fill_(part < floors.unsqueeze(-1), 0))


def _keep_top(weights: Tensor, params: Sequence[SamplingParams]) -> None:
    width = weights.shape[-1]
    sizes = [its.top_k if 0 < its.top_k < width else inf for its in params]
    shares = [its.top_p for its in params]
    limits = torch.tensor([sizes, shares], dtype=torch.float64, device=weights.device)
    total = block_sums(weights).sum(-1)
    length = min(width, int(max(min(size, _SORTED_FIRST) for size in sizes)))
    floor, equals, is_final = _border(torch.topk(weights, length).values, total, *limits)
    if any(size > length for size in sizes):
        for rows in (~is_final).nonzero().squeeze(-1).split(_SORTED_AT_ONCE):
            ranked = _descending(weights[rows])
            floor[rows], equals[rows], _ = _border(ranked, total[rows], *limits[:, rows])
    equal = weights == floor.unsqueeze(-1)
    last = find(equal, (equals - 1).double())
    places = torch.arange(width, device=weights.device)
    weights.masked_fill_((weights < floor.unsqueeze(-1)) | (equal & (places > last.unsqueeze(-1))), 0)


def _border(ranked: Tensor, total: Tensor, size: Tensor, share: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each row the least weight that stays, how many of that weight stay, and whether this is final.

    ranked: the row's greatest weights, greatest first; where they are too few, the result is not final.
    total: of all the row's weights. size: top_k, or infinite. share: top_p.
    """
    length = ranked.shape[-1]
    upto = ranked.double().cumsum(-1)
    last = size.clamp(max=length).long().unsqueeze(-1) - 1
    whole = torch.where(size > length, total, upto.gather(-1, last).squeeze(-1))
    wanted = share * whole
    final = torch.searchsorted(upto, wanted.unsqueeze(-1)).minimum(last)
    floor = ranked.gather(-1, final)
    equals = final - torch.searchsorted(-ranked, -floor) + 1
    is_final = (size <= length) | ((size == inf) & (upto[:, -1] >= wanted))
    return floor.squeeze(-1), equals.squeeze(-1), is_final


def _descending(weights: Tensor) -> Tensor:
    if weights.device.type == "cpu":  # many times as fast as torch's sort, which also says where each value was
        return torch.from_numpy(np.sort(weights.numpy())).flip(-1)
    return weights.sort(descending=True).values


def _change(weights: Tensor, rows: list[int], change: Callable[[Tensor], object]) -> None:
    """Change these rows in place, by a function that works in place."""
    if len(rows) == len(weights):
        change(weights)
        return
    index = torch.tensor(rows, device=weights.device)
    part = weights[index]
    change(part)
    weights[index] = part
