"""Packs documents of many lengths into full rows, so that little time is spent on padding."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.mini.mixture import Document

POOL = 1.25


@dataclass(frozen=True)
class Batch:
    """Packed rows. `ids`, `positions`, `documents` and `weights` have the shape (rows, length).

    `positions` start at 0 in each document; `documents` numbers the documents of a row, padding is -1;
    `weights` is the weight of the loss at predicting this token from those before it.
    """

    ids: Tensor
    positions: Tensor
    documents: Tensor
    weights: Tensor

    def attention_mask(self) -> Tensor:
        """True where a token may look: at its own document, not ahead. Shape (rows, 1, length, length)."""
        same = self.documents[:, None, :, None] == self.documents[:, None, None, :]
        return same.tril()

    @property
    def tokens(self) -> int:
        return int((self.documents >= 0).sum())


class Packer:
    """Sorts documents by length into rows of a few fixed lengths; short rows cost less attention."""

    def __init__(self, draw: Callable[[], Document], lengths: tuple[int, ...], batch_tokens: int) -> None:
        self._draw, self._lengths, self._batch_tokens = draw, sorted(lengths), batch_tokens
        self._pools: dict[int, list[Document]] = {length: [] for length in self._lengths}

    def next(self) -> Batch:
        """The next batch: as many rows of one length as hold `batch_tokens`, at least one."""
        while True:
            document = self._draw()
            length = next(length for length in self._lengths if len(document) <= length)
            pool = self._pools[length]
            pool.append(document)
            rows = max(1, self._batch_tokens // length)
            if sum(map(len, pool)) >= POOL * rows * length:
                filled, self._pools[length] = _fill(pool, rows, length)
                return collate(filled, length)


def _fill(pool: list[Document], rows: int, length: int) -> tuple[list[list[Document]], list[Document]]:
    """Longest first, each into the fullest row that still has room. Returns the rows and what is left."""
    filled: list[list[Document]] = [[] for _ in range(rows)]
    room = [length] * rows
    left: list[Document] = []
    for document in sorted(pool, key=len, reverse=True):
        fitting = [row for row in range(rows) if room[row] >= len(document)]
        if not fitting:
            left.append(document)
            continue
        row = min(fitting, key=room.__getitem__)
        filled[row].append(document)
        room[row] -= len(document)
    return filled, left


def collate(rows: list[list[Document]], length: int) -> Batch:
    """Rows of documents as tensors, each row padded to `length`."""
    shape = (len(rows), length)
    ids, positions = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    documents, weights = torch.full(shape, -1, dtype=torch.long), torch.zeros(shape)
    for row, packed in enumerate(rows):
        start = 0
        for number, document in enumerate(packed):
            span = slice(start, start + len(document))
            ids[row, span] = torch.tensor(document.ids)
            positions[row, span] = torch.arange(len(document))
            documents[row, span] = number
            weights[row, span] = torch.tensor(document.weights)
            start = span.stop
    return Batch(ids, positions, documents, weights)
