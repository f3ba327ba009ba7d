"""Costly work of many threads: few at a time, and no group keeps another waiting."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Thread

import pytest

from harness.waiting import wait_until
from worker.engine.loop.turns import Turns


class Crowd:
    """Threads that each take a turn and note it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.noted: list[str] = []
        self.threads: list[Thread] = []

    def send(self, group: str, cost: float = 1.0) -> None:
        def work() -> None:
            with self.turns.take(group, cost):
                self.noted.append(group)

        waiting = self.waiting()
        self.threads.append(Thread(target=work, daemon=True))
        self.threads[-1].start()
        thread = self.threads[-1]
        wait_until(lambda: self.waiting() > waiting or not thread.is_alive(), "a thread that waits or ends")

    def waiting(self) -> int:
        return len(self.turns._queue) + sum(map(len, self.turns._behind.values()))

    def end(self) -> list[str]:
        for thread in self.threads:
            thread.join()
        return self.noted


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_group_with_much_work_delays_another_by_one_turn(held: ExitStack) -> None:
    turns = Turns(1)
    held.enter_context(turns.take("somebody"))
    crowd = Crowd(turns)
    for _ in range(5):
        crowd.send("a")
    crowd.send("b")

    held.close()

    assert "b" in crowd.end()[:2]
    assert crowd.noted.count("a") == 5


def test_a_group_with_large_work_takes_fewer_turns(held: ExitStack) -> None:
    turns = Turns(1)
    held.enter_context(turns.take("somebody"))
    crowd = Crowd(turns)
    for _ in range(4):
        crowd.send("large", 1000)
    for _ in range(4):
        crowd.send("small", 1)

    held.close()

    assert crowd.end()[2:] == ["small"] * 3 + ["large"] * 3


def test_only_so_many_work_at_a_time(held: ExitStack) -> None:
    turns = Turns(2)
    for group in "ab":
        held.enter_context(turns.take(group))
    crowd = Crowd(turns)
    crowd.send("c")

    assert crowd.noted == []
    held.close()
    assert crowd.end() == ["c"]


def test_a_group_leaves_a_place_to_others(held: ExitStack) -> None:
    turns = Turns(2, each=1)
    held.enter_context(turns.take("a"))
    crowd = Crowd(turns)
    crowd.send("a")
    crowd.send("a")
    crowd.send("b")

    wait_until(lambda: crowd.noted == ["b"], "the turn of another group")
    held.close()
    assert crowd.end() == ["b", "a", "a"]
    assert not turns._present
    assert not turns._behind


def test_a_turn_that_fails_is_given_back() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="fault"), turns.take("a"):
        raise ValueError("fault")

    with turns.take("a"):
        pass
