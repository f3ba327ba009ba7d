"""Tokens per second."""

from worker.engine.rate import Rate


def test_idle_time_does_not_count_and_old_work_is_forgotten() -> None:
    now = 0.0
    rate = Rate(window_s=10, clock=lambda: now)
    rate.add(tokens=30, seconds=1)
    now = 8
    rate.add(tokens=10, seconds=1)

    assert rate.per_second() == 20
    now = 12
    assert rate.per_second() == 10
    now = 30
    assert rate.per_second() == 0
