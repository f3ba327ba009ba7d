"""Choosing the next token from a model's logits, one request at a time."""

import torch
from torch import Tensor

from worker.engine.params import SamplingParams

_LIKELY = 1024
"""So many likeliest tokens are sorted first; nearly always they hold `top_p`, and a full sort is not needed."""


class Sampler:
    """Draws the tokens of one request: temperature, then top_k, then top_p, in this order.

    With a seed the draws depend on the seed, the logits and the device's kind, and on nothing else.
    """

    def __init__(self, params: SamplingParams, device: torch.device) -> None:
        self._temperature = params.temperature
        self._top_k = params.top_k
        self._top_p = params.top_p
        self._generator = torch.Generator(device=device)
        if params.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(params.seed)

    def pick(self, logits: Tensor) -> int:
        """Choose from logits of shape (vocabulary,). Raises ArithmeticError when they are not numbers."""
        best, likeliest = logits.max(dim=-1)
        if not torch.isfinite(best):
            raise ArithmeticError("the model's logits are not finite")
        if self._temperature == 0:
            return int(likeliest)
        weights = torch.softmax((logits.float() - best.float()) / self._temperature, dim=-1)
        if self._top_k == 0 and self._top_p == 1:
            return self._draw(weights)
        weights, tokens = self._likeliest(weights)
        return int(tokens[self._draw(weights)])

    def _likeliest(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return what top_k and top_p leave, as (weights, tokens), likeliest first."""
        size = weights.shape[-1]
        kept, tokens = torch.topk(weights, min(self._top_k or _LIKELY, size))
        if self._top_p == 1:
            return kept, tokens
        whole = kept.sum() if self._top_k else weights.sum()
        if not self._top_k and kept.sum() < self._top_p * whole:
            kept, tokens = torch.sort(weights, descending=True)
        before = kept.cumsum(-1) - kept
        count = max(1, int((before < self._top_p * whole).sum()))
        return kept[:count], tokens[:count]

    def _draw(self, weights: Tensor) -> int:
        """Draw an index with a chance proportional to its weight, as the first arrival of an exponential race."""
        arrivals = torch.empty_like(weights).exponential_(generator=self._generator)
        return int((weights / arrivals.clamp_min_(torch.finfo(weights.dtype).tiny)).argmax())
