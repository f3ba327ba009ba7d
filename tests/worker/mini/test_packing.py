from itertools import count

import pytest
import torch

from worker.mini.mixture import Document
from worker.mini.model import Shape, build_model, loss_sum
from worker.mini.packing import Batch, Packer, collate

SHAPE = Shape(vocabulary=50, width=16, layers=2, heads=2, context=64)


def document(start: int, length: int) -> Document:
    return Document([(start + n) % 49 + 1 for n in range(length)], [0.0] + [1.0] * (length - 1))


def test_packed_documents_have_the_same_loss_as_each_alone() -> None:
    torch.manual_seed(1)
    model = build_model(SHAPE, end_of_text=0).eval()
    documents = [document(1, 9), document(20, 14), document(40, 3)]
    with torch.no_grad():
        packed = float(loss_sum(model, collate([documents[:2], documents[2:]], 32)))
        alone = sum(float(loss_sum(model, collate([[each]], len(each)))) for each in documents)
    assert packed == pytest.approx(alone, rel=1e-5)


def test_positions_start_anew_and_padding_weighs_nothing() -> None:
    batch = collate([[document(1, 3), document(7, 2)]], 8)
    assert batch.positions.tolist() == [[0, 1, 2, 0, 1, 0, 0, 0]]
    assert batch.documents.tolist() == [[0, 0, 0, 1, 1, -1, -1, -1]]
    assert batch.weights.tolist() == [[0, 1, 1, 0, 1, 0, 0, 0]]
    assert batch.tokens == 5


def test_rows_are_as_short_as_the_documents_allow_and_nearly_full() -> None:
    numbers = count()
    packer = Packer(lambda: document(n := next(numbers), 3 + n % 7 if n % 5 else 30), (16, 64), batch_tokens=128)
    batches: list[Batch] = [packer.next() for _ in range(40)]
    assert {tuple(batch.ids.shape) for batch in batches} == {(8, 16), (2, 64)}
    short = [batch for batch in batches if batch.ids.shape[1] == 16]
    assert sum(batch.tokens for batch in short) > 0.9 * 128 * len(short)


def test_no_drawn_document_waits_for_ever() -> None:
    numbers = count()
    packer = Packer(lambda: document(n := next(numbers), 2 + n % 11), (16,), batch_tokens=64)
    packed = sum(packer.next().tokens for _ in range(50))
    drawn = sum(2 + n % 11 for n in range(next(numbers)))
    assert drawn - packed <= 64
