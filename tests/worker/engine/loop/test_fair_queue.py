"""Who is next in the line."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from random import Random

import pytest

from worker.engine.loop.fair_queue import Line


@dataclass(eq=False)
class Person:
    group: str
    weight: float = 1.0
    name: int = 0


def serve_all(line: Line[Person]) -> list[str]:
    return [line.serve().group for _ in range(len(line))]


def test_groups_take_turns_however_many_each_has() -> None:
    line: Line[Person] = Line()
    for name in range(100):
        line.join(Person("many", name=name))
    for name in range(3):
        line.join(Person("few", name=name))

    assert serve_all(line)[:6] == ["many", "few"] * 3


def test_a_group_that_comes_late_is_served_next_and_then_takes_turns() -> None:
    line: Line[Person] = Line()
    for _ in range(100):
        line.join(Person("many"))
    for _ in range(50):
        line.serve()
    for _ in range(10):
        line.join(Person("late"))

    served = serve_all(line)
    assert "late" in served[:2]
    assert Counter(served[:20])["late"] == 10


def test_first_come_first_served_within_a_group() -> None:
    line: Line[Person] = Line()
    for name in range(5):
        line.join(Person("a", name=name))

    assert [line.serve().name for _ in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("weight", [0.25, 2.0, 3.0, 10.0])
def test_a_group_is_served_as_often_as_its_weight_says(weight: float) -> None:
    line: Line[Person] = Line()
    for _ in range(400):
        line.join(Person("heavy", weight))
        line.join(Person("normal"))

    served = Counter(islice(serve_all(line), 220))
    assert served["heavy"] == pytest.approx(220 * weight / (1 + weight), abs=2)


def test_no_group_waits_longer_than_a_turn_of_every_other() -> None:
    rng = Random(0)
    line: Line[Person] = Line()
    waited: Counter[str] = Counter()
    for _ in range(2000):
        for _ in range(rng.randint(0, 3)):
            line.join(Person(rng.choice("aaaaaabcde")))
        if not len(line):
            continue
        served = line.serve().group
        for group in line._groups:
            waited[group] = 0 if group == served else waited[group] + 1
        waited[served] = 0
        assert max(waited.values()) <= 10


def test_whoever_is_put_back_is_next() -> None:
    line: Line[Person] = Line()
    for group in "abc":
        line.join(Person(group))
    first = line.serve()
    second = line.serve()
    line.put_back(second)
    line.put_back(first)

    assert [line.serve() for _ in range(2)] == [first, second]
    assert line.serve().group == "c"


def test_one_can_leave_wherever_it_stands() -> None:
    line: Line[Person] = Line()
    people = [Person("a", name=name) for name in range(3)]
    for one in people:
        line.join(one)
    returned = line.serve()
    line.put_back(returned)

    line.remove(people[1])
    line.remove(returned)

    assert len(line) == 1
    assert line.serve() is people[2]
    with pytest.raises(ValueError):
        line.remove(people[2])
    with pytest.raises(IndexError):
        line.serve()


def test_nothing_is_remembered_of_groups_when_nobody_waits() -> None:
    line: Line[Person] = Line()
    for name in range(1000):
        line.join(Person(f"{name}"))
        line.serve()

    assert line._clocks == {}
