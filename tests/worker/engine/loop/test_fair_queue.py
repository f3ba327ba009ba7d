"""Who is next in a fair queue."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from random import Random

import pytest

from worker.engine.loop.fair_queue import FairQueue


@dataclass(eq=False)
class Person:
    group: str
    weight: float = 1.0
    name: int = 0


def serve_all(queue: FairQueue[Person]) -> list[str]:
    return [queue.pop().group for _ in range(len(queue))]


def test_groups_take_turns_however_many_each_has() -> None:
    queue: FairQueue[Person] = FairQueue()
    for name in range(100):
        queue.push(Person("many", name=name))
    for name in range(3):
        queue.push(Person("few", name=name))

    assert serve_all(queue)[:6] == ["many", "few"] * 3


def test_a_group_that_comes_late_is_served_next_and_then_takes_turns() -> None:
    queue: FairQueue[Person] = FairQueue()
    for _ in range(100):
        queue.push(Person("many"))
    for _ in range(50):
        queue.pop()
    for _ in range(10):
        queue.push(Person("late"))

    served = serve_all(queue)
    assert "late" in served[:2]
    assert Counter(served[:20])["late"] == 10


def test_first_come_first_served_within_a_group() -> None:
    queue: FairQueue[Person] = FairQueue()
    for name in range(5):
        queue.push(Person("a", name=name))

    assert [queue.pop().name for _ in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("weight", [0.25, 2.0, 3.0, 10.0])
def test_a_group_is_served_as_often_as_its_weight_says(weight: float) -> None:
    queue: FairQueue[Person] = FairQueue()
    for _ in range(400):
        queue.push(Person("heavy", weight))
        queue.push(Person("normal"))

    served = Counter(islice(serve_all(queue), 220))
    assert served["heavy"] == pytest.approx(220 * weight / (1 + weight), abs=2)


def test_no_group_waits_longer_than_a_turn_of_every_other() -> None:
    rng = Random(0)
    queue: FairQueue[Person] = FairQueue()
    waited: Counter[str] = Counter()
    for _ in range(2000):
        for _ in range(rng.randint(0, 3)):
            queue.push(Person(rng.choice("aaaaaabcde")))
        if not len(queue):
            continue
        served = queue.pop().group
        for group in queue._groups:
            waited[group] = 0 if group == served else waited[group] + 1
        waited[served] = 0
        assert max(waited.values()) <= 10


def test_whoever_is_put_back_is_next() -> None:
    queue: FairQueue[Person] = FairQueue()
    for group in "abc":
        queue.push(Person(group))
    first = queue.pop()
    second = queue.pop()
    queue.push_front(second)
    queue.push_front(first)

    assert [queue.pop() for _ in range(2)] == [first, second]
    assert queue.pop().group == "c"


def test_one_can_leave_wherever_it_stands() -> None:
    queue: FairQueue[Person] = FairQueue()
    people = [Person("a", name=name) for name in range(3)]
    for one in people:
        queue.push(one)
    returned = queue.pop()
    queue.push_front(returned)

    queue.remove(people[1])
    queue.remove(returned)

    assert len(queue) == 1
    assert queue.pop() is people[2]
    with pytest.raises(ValueError):
        queue.remove(people[2])
    with pytest.raises(IndexError):
        queue.pop()


def test_nothing_is_remembered_of_groups_when_nobody_waits() -> None:
    queue: FairQueue[Person] = FairQueue()
    for name in range(1000):
        queue.push(Person(f"{name}"))
        queue.pop()

    assert queue._clocks == {}
