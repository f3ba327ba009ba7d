"""Tokens per second."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

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


def test_it_can_be_asked_while_work_is_noted_on_another_thread() -> None:
    rate, stop = Rate(window_s=0.001), Event()

    def work() -> None:
        while not stop.is_set():
            rate.add(tokens=1, seconds=0.1)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            for _ in range(3000):
                rate.per_second()
                rate.seconds_each()
        finally:
            stop.set()
        working.result()
