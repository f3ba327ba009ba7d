"""The comparison of two texts: it is right, short, and quick whatever the texts are."""

import random
import time

import pytest

from gptstore.releases.diff import CONTEXT, Line, common, compare


def shown(before: str, after: str) -> list[str]:
    marks = {"same": " ", "added": "+", "removed": "-", "left out": "…"}
    return [f"{marks[line.kind]}{line.text}" for line in compare(before.split(), after.split())]


def test_what_changed_is_shown_among_what_stayed() -> None:
    assert shown("a b c d e f g h i", "a b c d X f g h i") == [
        *("…", " b", " c", " d", "-e", "+X", " f", " g", " h", "…"),
    ]


def test_lines_have_their_numbers() -> None:
    assert compare(["a", "b"], ["b", "c"]) == [
        Line("removed", "a", before=1),
        Line("same", "b", 2, 1),
        Line("added", "c", after=2),
    ]


@pytest.mark.parametrize(("before", "after"), [("", ""), ("a", ""), ("", "a"), ("a a a", "a a"), ("a b", "b a")])
def test_small_texts(before: str, after: str) -> None:
    check(before.split(), after.split())


def test_any_two_texts_give_both_back() -> None:
    chance = random.Random(1)
    for _ in range(300):
        before = [chance.choice("abcdefgh") for _ in range(chance.randrange(30))]
        after = [line for line in before if chance.random() < 0.8]
        for _ in range(chance.randrange(5)):
            after.insert(chance.randrange(len(after) + 1), chance.choice("abcxyz"))
        check(before, after)


def check(before: list[str], after: list[str]) -> None:
    pairs = [*common(before, after)]
    assert pairs == sorted(pairs) and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(before[a] == after[b] for a, b in pairs)
    lines = compare(before, after)
    assert [line.text for line in lines if line.kind == "removed"] == [
        line for n, line in enumerate(before) if n not in {a for a, _ in pairs}
    ]
    assert all(before[line.before - 1] == line.text for line in lines if line.before)
    assert all(after[line.after - 1] == line.text for line in lines if line.after)


def test_what_is_the_same_is_left_out_but_for_some_lines() -> None:
    many = [str(n) for n in range(1000)]

    assert len(compare(many, [*many, "end"])) == CONTEXT + 2
    assert compare(many, many) == [Line("left out", "")]


def test_texts_that_are_made_to_be_slow_are_not() -> None:
    """`difflib` takes minutes for these."""
    before = [str(n % 100) for n in range(20_000)]
    after = [str(n * 7 % 100) for n in range(20_000)]
    begin = time.process_time()

    compare(before, after)
    compare([f"{n}" for n in range(20_000)], [f"{n}" for n in reversed(range(20_000))])

    assert time.process_time() - begin < 5
