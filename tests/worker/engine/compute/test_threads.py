"""All threads for the large parts of a step, one between them where rows are few."""

from collections.abc import Iterator

import pytest
import torch

from worker.engine.compute.cpu.threads import Crew

LARGE = 100_000_000


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("shares", "rows", "between"), [(True, 1, 1), (True, 96, 1), (True, 97, 3), (False, 1, 3)])
def test_between_large_parts_one_thread_does_the_work_of_few_rows(shares: bool, rows: int, between: int) -> None:
    crew = Crew(3, LARGE)
    crew.shares = shares

    with crew.work(rows):
        assert torch.get_num_threads() == between
        crew.gather()
        assert torch.get_num_threads() == 3
        crew.part()
        assert torch.get_num_threads() == between

    assert torch.get_num_threads() == 3


def test_after_a_step_that_failed_all_threads_are_there() -> None:
    crew = Crew(2, LARGE)
    crew.shares = True

    with pytest.raises(RuntimeError, match="a fault"), crew.work(1):
        raise RuntimeError("a fault")

    assert torch.get_num_threads() == 2


def test_a_small_model_uses_one_thread_for_few_rows_and_lets_attention_have_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.engine.compute.devices._most_threads", lambda: 4)

    crew = Crew(None, 3_000_000)

    with crew.work(1):
        assert (crew.count, crew.most) == (1, 4)
    with crew.work(64):
        assert crew.count == 4
