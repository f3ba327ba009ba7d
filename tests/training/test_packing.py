from pathlib import Path

import pytest
import torch

from training.documents import Document
from training.model import Shape, build_model, loss_sum
from training.packing import collate, pack
from training.steps import Steps, load_steps
from training.streams import load_streams
from training.tokenizer import train_tokenizer

SHAPE = Shape(vocabulary=50, width=16, inner=32, layers=2, heads=2, context=64)


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


def test_rows_are_nearly_full_and_what_has_no_room_is_given_back() -> None:
    documents = [document(n, 30 if n % 5 == 0 else 3 + n % 7) for n in range(60)]
    batches, left = pack(documents, {16: 12, 64: 4})
    assert [tuple(batch.ids.shape) for batch in batches] == [(12, 16), (4, 64)]
    assert batches[0].tokens > 0.9 * 12 * 16
    assert sum(batch.tokens for batch in batches) + sum(map(len, left)) == sum(map(len, documents))
    assert sorted(map(len, left), reverse=True)[:4] == [30] * 4


def test_a_step_is_the_same_whoever_makes_it_and_uses_all_streams(corpus: Path) -> None:
    streams = load_streams(corpus)
    tokenizer = train_tokenizer(streams, 400, seed=1, context=256)
    steps = Steps(streams, tokenizer, 2048, (64, 256), seed=1)
    here, there = load_steps(steps, 5, processes=0), load_steps(steps, 5, processes=2)
    for _ in range(3):
        for one, other in zip(next(here), next(there), strict=True):
            assert torch.equal(one.ids, other.ids)
            assert torch.equal(one.weights, other.weights)
    drawn = sum(batch.tokens for n in range(20) for batch in steps[n])
    assert 0.7 * 2048 < drawn / 20 < 1.1 * 2048
