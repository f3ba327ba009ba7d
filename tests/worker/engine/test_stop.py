"""Stop strings cut text at the same place, however the text is divided."""

import random

import pytest

from worker.engine.stop import StopStrings


def feed_all(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    stop = StopStrings(stops)
    text = "".join(stop.feed(piece) for piece in pieces)
    return text + stop.flush(), stop.found


def test_nothing_is_held_back_without_stop_strings() -> None:
    assert StopStrings(()).feed("abc") == "abc"


def test_only_what_may_begin_a_stop_string_is_held_back() -> None:
    stop = StopStrings(("\n\nQ:", "END"))

    assert stop.feed("An answer.\n") == "An answer."
    assert stop.feed("More E") == "\nMore "
    assert stop.feed("ND of") == ""
    assert stop.found


def test_what_was_held_back_is_given_at_the_end() -> None:
    assert feed_all(("###",), ["a#", "#"]) == ("a##", False)


def test_the_earliest_stop_string_counts() -> None:
    assert feed_all(("late", "ear"), ["an early and late bird"]) == ("an ", True)


def test_nothing_follows_a_stop_string() -> None:
    assert feed_all(("x",), ["ax", "b", "c"]) == ("a", True)


@pytest.mark.parametrize("seed", range(200))
def test_any_division_of_the_text_gives_the_same_result(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(rng.choices("ab你", k=40))
    stops = tuple("".join(rng.choices("ab你", k=rng.randint(2, 5))) for _ in range(rng.randint(1, 3)))
    borders = sorted(rng.sample(range(41), rng.randint(0, 12)))
    pieces = [text[start:end] for start, end in zip([0, *borders], [*borders, 40], strict=True)]
    starts = [text.index(stop) for stop in stops if stop in text]

    assert feed_all(stops, pieces) == (text[: min(starts, default=40)], bool(starts))
