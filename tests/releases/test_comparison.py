"""The figures by which a canary is judged."""

import pytest

from gptstore.releases.comparison import Side, binomial_tail, find_worse, fisher


def test_fisher_is_that_of_the_lady_who_tasted_tea() -> None:
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert fisher(0, 20, 5, 80) == pytest.approx(1)


def test_the_binomial_tail_is_a_probability() -> None:
    assert binomial_tail(0, 20, 0.05) == pytest.approx(1)
    assert binomial_tail(1, 20, 0.05) == pytest.approx(1 - 0.95**20)
    assert binomial_tail(20, 20, 0.05) == pytest.approx(0.05**20)


def test_one_failure_more_is_no_verdict() -> None:
    assert find_worse(Side(20, 2, 2, [1.0] * 18), Side(80, 2, 2, [1.0] * 78)) == []
    assert find_worse(Side(20, 5, 5, [1.0] * 15), Side(80, 2, 2, [1.0] * 78)) == ["It crashes more often."]


def test_a_few_slow_runs_or_a_little_time_are_no_verdict() -> None:
    live = [1.0] * 76 + [2.0] * 4
    assert find_worse(Side(20, 0, 0, [1.0] * 17 + [9.0] * 3), Side(80, 0, 0, live)) == []
    assert find_worse(Side(20, 0, 0, [1.2] * 20), Side(80, 0, 0, [1.0] * 80)) == []
    assert find_worse(Side(20, 0, 0, [1.0] * 14 + [9.0] * 6), Side(80, 0, 0, live)) == ["It is slower."]


def test_without_a_run_that_succeeded_nothing_is_slower() -> None:
    assert Side(20, 20, 0, []).p95 is None
    assert find_worse(Side(20, 0, 0, []), Side(80, 0, 0, [1.0] * 80)) == []
