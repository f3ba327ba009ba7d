"""All threads for the large parts of a step, one between them where rows are few."""

from collections.abc import Iterator

import pytest
import torch

from worker.engine.compute.cpu.threads import CpuThreads

LARGE = 100_000_000


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("shares", "rows", "between"), [(True, 1, 1), (True, 96, 1), (True, 97, 3), (False, 1, 3)])
def test_between_large_parts_one_thread_does_the_work_of_few_rows(shares: bool, rows: int, between: int) -> None:
    threads = CpuThreads(3, LARGE)
    threads.packed = shares

    with threads.step(rows):
        assert torch.get_num_threads() == between
        threads.use_all()
        assert torch.get_num_threads() == 3
        threads.use_few()
        assert torch.get_num_threads() == between

    assert torch.get_num_threads() == 3


def test_after_a_step_that_failed_all_threads_are_there() -> None:
    threads = CpuThreads(2, LARGE)
    threads.packed = True

    with pytest.raises(RuntimeError, match="a fault"), threads.step(1):
        raise RuntimeError("a fault")

    assert torch.get_num_threads() == 2


def test_a_small_model_uses_one_thread_for_few_rows_and_lets_attention_have_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.engine.compute.devices._max_threads", lambda: 4)

    threads = CpuThreads(None, 3_000_000)

    with threads.step(1):
        assert (threads.count, threads.most) == (1, 4)
    with threads.step(64):
        assert threads.count == 4
