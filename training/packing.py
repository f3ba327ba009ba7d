"""Packs documents of many lengths into full rows, so that little time is spent on padding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.documents import Document


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

    @property
    def tokens(self) -> int:
        return int((self.documents >= 0).sum())

    def to(self, device: torch.device) -> "Batch":
        parts = (self.ids, self.positions, self.documents, self.weights)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))


def pack(documents: Iterable[Document], rows: dict[int, int]) -> tuple[list[Batch], list[Document]]:
    """Return one batch for each row length, and the documents that found no room.

    rows: how many rows there are of each length, which is in tokens; short rows cost less attention.
    """
    lengths = sorted(rows)
    classes: dict[int, list[Document]] = {length: [] for length in lengths}
    for document in documents:
        classes[next(length for length in lengths if len(document) <= length)].append(document)
    batches, left = [], []
    for length in lengths:
        filled, unused = _fill(classes[length], rows[length], length)
        batches.append(collate(filled, length))
        left += unused
    return batches, left


def _fill(documents: Sequence[Document], rows: int, length: int) -> tuple[list[list[Document]], list[Document]]:
    """Fill rows, longest document first, each into the fullest row with room. Return rows and leftover documents."""
    filled: list[list[Document]] = [[] for _ in range(rows)]
    by_room: list[list[int]] = [[] for _ in range(length)] + [list(range(rows))]
    left: list[Document] = []
    for document in sorted(documents, key=len, reverse=True):
        room = next((room for room in range(len(document), length + 1) if by_room[room]), None)
        if room is None:
            left.append(document)
            continue
        row = by_room[room].pop()
        filled[row].append(document)
        by_room[room - len(document)].append(row)
    return filled, left


def collate(rows: Sequence[Sequence[Document]], length: int) -> Batch:
    """Return rows of documents as tensors, each row padded to `length`."""
    shape = (len(rows), length)
    ids, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    documents, weights = np.full(shape, -1, np.int64), np.zeros(shape, np.float32)
    for row, packed in enumerate(rows):
        start = 0
        for number, document in enumerate(packed):
            span = slice(start, start + len(document))
            ids[row, span] = document.ids
            positions[row, span] = np.arange(len(document))
            documents[row, span] = number
            weights[row, span] = document.weights
            start = span.stop
    return Batch(*(torch.from_numpy(part) for part in (ids, positions, documents, weights)))
