"""The repetition penalty: makes tokens that were there before less likely (CTRL, arXiv:1909.05858)."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Repetition:
    """The tokens of one request, prompt included, and the penalty for repeating them."""

    def __init__(self, penalty: float, tokens: Iterable[int]) -> None:
        self._penalty = penalty
        self._known: set[int] = set()
        self._new: list[int] = []
        self._index = torch.empty(0, dtype=torch.long)
        self._count = 0
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Note that the token was in the prompt or the answer."""
        if token not in self._known:
            self._known.add(token)
            self._new.append(token)

    def penalise(self, logits: Tensor) -> None:
        """Change logits (vocabulary,) in place: positive ones are divided by the penalty, others multiplied by it."""
        seen = self._seen(logits)
        own = logits[seen]
        logits[seen] = torch.where(own > 0, own / self._penalty, own * self._penalty)

    def _seen(self, logits: Tensor) -> Tensor:
        """Return all tokens as an index. Only new ones are copied to the logits' device."""
        new = [token for token in self._new if token < len(logits)]
        self._new.clear()
        count = self._count + len(new)
        if count > len(self._index) or self._index.device != logits.device:
            grown = torch.empty(2 * count, dtype=torch.long, device=logits.device)
            grown[: self._count] = self._index[: self._count]
            self._index = grown
        if new:
            self._index[self._count : count] = torch.tensor(new, device=logits.device)
        self._count = count
        return self._index[:count]
