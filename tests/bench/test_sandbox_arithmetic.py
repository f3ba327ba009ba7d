"""What the benchmark of the sandbox makes of what it measured."""

from collections import Counter

import pytest

from bench.sandbox import growth, hostile
from bench.sandbox.growth import Look
from bench.sandbox.harm import HARM, WAYS, Deed
from bench.sandbox.hostile import Block, Good
from bench.sandbox.report import Figure, Part, p50_and_p95
from bench.sandbox.table import draw


def value(figures: list[Figure], what: str) -> float:
    return next(figure.value for figure in figures if figure.what == what)


def test_a_figure_is_the_median_of_its_rounds_with_their_ends() -> None:
    figure = Figure.of("x", [3.0, 1.0, 2.0], "ms", aim=2.0)
    assert (figure.value, figure.low, figure.high, figure.reaches_aim) == (2, 1, 3, True)
    p50, p95 = p50_and_p95("x", [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])
    assert (p50.value, p50.what) == (3, "x, p50")
    assert p95.value == pytest.approx((2.9 + 4.9) / 2)


def test_an_aim_is_an_upper_or_a_lower_bound() -> None:
    assert Figure("x", 0.93, aim=0.92, at_most=False).reaches_aim
    assert not Figure("x", 0.93, aim=0.92).reaches_aim
    assert Figure("x", 0.93).reaches_aim is None


def test_a_part_comes_back_from_json_as_it_was() -> None:
    part = Part("start", [Figure("x", 1.0, "ms", aim=2.0)], {"runs": 3}, 1.5)
    assert Part.from_json(part.as_json()) == part


def test_a_leak_of_a_few_hundred_bytes_a_run_is_seen_beside_steps_of_the_allocator() -> None:
    # Given looks at a process whose memory grows by 300 bytes a run, in steps of 100 kB
    looks = [
        Look(runs, 50_000_000 + 300 * runs // 100_000 * 100_000, 1000 + runs, 9, 5, 0, 20_000_000, 7)
        for runs in range(250, 5001, 250)
    ]
    figures = growth.figures(looks)
    # Then it does not reach the aim, and the host, which does not grow, does
    assert value(figures, "worker, bytes that a run leaves") == pytest.approx(300, rel=0.1)
    assert not next(figure for figure in figures if figure.what.startswith("worker, bytes")).reaches_aim
    assert value(figures, "host, bytes that a run leaves") == 0
    assert value(figures, "worker, Python's blocks that a run leaves") == pytest.approx(1)


def test_good_runs_among_hostile_ones_are_compared_with_the_same_ones_alone() -> None:
    alone = Block([Good(5, 200, True)] * 20)
    among = Block([Good(10, 240, True)] * 19 + [Good(10, 240, False)], [Deed("segfault", "SIGSEGV", True, False)] * 3)
    figures = hostile.figures(alone, among, lost=1)
    assert value(figures, "good runs, p95 to the end: among hostile ones by alone") == pytest.approx(1.2)
    assert value(figures, "good runs, p95 until the model is asked: among hostile ones by alone") == pytest.approx(2)
    assert value(figures, "wrong outputs of good runs") == value(figures, "hosts lost") == 1
    assert value(figures, "hostile runs whose code ran") == 3


def test_each_ending_is_counted_by_what_was_tried() -> None:
    deeds = [Deed("exit", "status 0", True, False), Deed("exit", "status 0", True, False)]
    assert hostile.endings([*deeds, Deed("a way out", "stopped", True, False)]) == {
        "a way out": Counter(stopped=1),
        "exit": {"status 0": 2},
    }


def test_a_thousand_hostile_runs_try_everything_that_the_plugin_can_do() -> None:
    from tests.worker.hosts.sandbox.test_harm import CRASHES

    tried = {what.removesuffix(", canceled") for what in HARM}
    assert tried >= {*CRASHES, "endless output", "endless loop", "sleep", "thread that stays"}
    assert len(WAYS) <= 1000 // 3


def test_the_table_says_what_could_not_be_measured_and_what_missed_its_aim() -> None:
    text = draw([Part("cold", problem="no Landlock"), Part("start", [Figure("first line", 12.0, "ms", aim=10)])])
    assert "not measured: no Landlock" in text
    assert "≤ 10  NO" in text
