import pytest

from training.schedule import FINAL, WARM_UP, learning_rate_factor


def test_rises_to_the_peak_and_falls_to_a_small_rest() -> None:
    points = [learning_rate_factor(n / 1000) for n in range(1001)]
    peak = points.index(max(points))
    assert peak / 1000 == pytest.approx(WARM_UP)
    assert points[:peak] == sorted(points[:peak])
    assert points[peak:] == sorted(points[peak:], reverse=True)
    assert (points[0] > 0, points[peak], points[-1]) == (True, pytest.approx(1.0), pytest.approx(FINAL))
