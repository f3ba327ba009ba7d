"""The allocator of the KV cache."""

from itertools import pairwise
from random import Random

import pytest

from worker.engine.loop.allocator import Allocator, round_up


def test_what_is_given_back_can_be_taken_as_a_whole_again() -> None:
    allocator = Allocator(256)
    starts = [allocator.take(64) for _ in range(4)]
    assert starts == [0, 64, 128, 192]
    assert allocator.take(1) is None

    for start in (64, 192, 0, 128):
        allocator.free(start)

    assert allocator.used == 0
    assert allocator.take(256) == 0


def test_the_first_gap_that_is_large_enough_is_taken() -> None:
    allocator = Allocator(512)
    for size in (64, 64, 128, 64):
        allocator.take(size)
    allocator.free(0)
    allocator.free(128)

    assert allocator.take(128) == 128
    assert allocator.take(32) == 0
    assert allocator.take(64) == 320


def test_a_stretch_cannot_be_given_back_twice() -> None:
    allocator = Allocator(64)
    allocator.take(64)
    allocator.free(0)

    with pytest.raises(KeyError):
        allocator.free(0)


def test_stretches_never_overlap_and_are_always_merged() -> None:
    rng, allocator, taken = Random(0), Allocator(4096), {}
    for _ in range(3000):
        if taken and rng.random() < 0.5:
            start = rng.choice(list(taken))
            del taken[start]
            allocator.free(start)
        elif (place := allocator.take(size := round_up(rng.randint(1, 700), 1024))) is not None:
            taken[place] = size
        ends = [0]
        for start in sorted(taken):
            assert start >= ends[-1]
            ends.append(start + taken[start])
        assert ends[-1] <= 4096
        assert allocator.used == sum(taken.values())
        gaps = sorted(allocator._free)
        assert all(first + size < then for (first, size), (then, _) in pairwise(gaps))


def test_sizes_come_in_few_steps_and_waste_at_most_half() -> None:
    sizes = {round_up(tokens, 10_000) for tokens in range(1, 1025)}

    assert sorted(sizes) == [64, 128, 192, 256, 384, 512, 768, 1024]
    for tokens in range(1, 5000):
        assert tokens <= round_up(tokens, 10_000) < max(129, 1.5 * tokens + 1)
        assert round_up(tokens, 5000) >= tokens


def test_no_stretch_is_larger_than_the_longest_sequence() -> None:
    assert round_up(900, 960) == 960
    assert round_up(1, 32) == 32
