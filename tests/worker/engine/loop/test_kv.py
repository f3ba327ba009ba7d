"""Limiter in the KV cache."""

from worker.engine.loop.kv import Allocation, KVCache
from worker.engine.loop.prefix import Extent


def numbers(count: int, first: int = 0) -> list[int]:
    return list(range(first, first + count))


def sure(allocation: Allocation | None) -> Allocation:
    assert allocation is not None
    return allocation


def keep(kv: KVCache, tokens: list[int]) -> Extent:
    extent = sure(kv.allocate(tokens, len(tokens), 0)).extent
    kv.keep(extent, tokens)
    return extent


def test_the_beginning_of_a_finished_request_is_copied() -> None:
    kv = KVCache(512, 256)
    extent = keep(kv, numbers(48))

    allocation = sure(kv.allocate([*numbers(32), *numbers(30, 1000)], 62, 61))

    assert allocation.filled == 32
    assert allocation.move is not None
    assert (allocation.move.source, allocation.move.target) == (extent.start, allocation.extent.start)
    assert allocation.extent.start != extent.start


def test_a_request_that_goes_on_where_a_finished_one_ended_takes_over_its_place() -> None:
    kv = KVCache(512, 256)
    extent = keep(kv, numbers(40))

    allocation = sure(kv.allocate(numbers(60), 60, 59))

    assert (allocation.extent, allocation.filled, allocation.move) == (extent, 32, None)
    assert kv.used == extent.size
    copied = sure(kv.allocate(numbers(60), 60, 59))  # and what it holds is there for others at once
    assert (copied.filled, copied.move is None) == (32, False)


def test_a_place_that_is_too_small_is_not_taken_over() -> None:
    kv = KVCache(512, 256)
    extent = keep(kv, numbers(40))

    allocation = sure(kv.allocate(numbers(60), 100, 59))

    assert (allocation.filled, allocation.extent.size) == (32, 128)
    assert allocation.extent is not extent


def test_no_more_is_copied_than_may_be_reused() -> None:
    kv = KVCache(512, 256)
    keep(kv, numbers(64))

    assert sure(kv.allocate(numbers(64), 80, 63)).filled == 48
    assert sure(kv.allocate(numbers(64), 80, 0)).filled == 0


def test_a_running_request_that_shared_its_prompt_is_copied_from() -> None:
    kv = KVCache(512, 256)
    first = sure(kv.allocate(numbers(40), 100, 39)).extent
    assert sure(kv.allocate(numbers(40), 100, 39)).filled == 0

    kv.share(first, numbers(40))

    assert sure(kv.allocate(numbers(40), 100, 39)).filled == 32


def test_what_was_kept_gives_way_least_recently_used_first() -> None:
    kv = KVCache(256, 256)
    for first in (0, 1000, 2000, 3000):
        keep(kv, numbers(48, first))
    assert kv.used == 0
    again = sure(kv.allocate(numbers(48), 48, 47))  # takes the extent of the one at 1000, though 0 is older
    assert again.filled == 32
    kv.free(again.extent)

    assert sure(kv.allocate(numbers(48, 3000), 48, 47)).filled == 32
    assert sure(kv.allocate(numbers(48, 1000), 48, 47)).filled == 0


def test_what_has_to_give_way_itself_is_not_copied() -> None:
    kv = KVCache(64, 64)
    keep(kv, numbers(48))

    assert sure(kv.allocate([*numbers(32), *numbers(28, 1000)], 60, 59)).filled == 0


def test_nothing_that_was_kept_gives_way_for_what_would_not_fit_all_the_same() -> None:
    kv = KVCache(512, 512)
    running = sure(kv.allocate([1], 256, 0)).extent
    keep(kv, numbers(48))

    assert kv.allocate(numbers(300), 300, 0) is None
    assert kv.grow(running, 384, 1) is None

    assert sure(kv.allocate(numbers(60), 60, 59)).filled == 48


def test_when_running_requests_fill_it_nobody_gets_a_place() -> None:
    kv = KVCache(128, 128)
    first = sure(kv.allocate([1], 64, 0)).extent
    sure(kv.allocate([1], 64, 0))

    assert kv.allocate([1], 1, 0) is None
    assert kv.grow(first, 128, 10) is None
    assert kv.used == 128

    kv.free(first)
    assert kv.allocate([1], 1, 0) is not None


def test_what_grows_takes_along_what_it_holds_and_can_still_be_found() -> None:
    kv = KVCache(512, 256)
    extent = sure(kv.allocate(numbers(60), 64, 0)).extent
    kv.share(extent, numbers(60))

    grown = sure(kv.grow(extent, 128, 60))

    assert grown.move is not None
    assert (grown.filled, grown.extent.size) == (60, 128)
    assert kv.used == 128
    copied = sure(kv.allocate(numbers(60), 60, 59))
    assert copied.move is not None
    assert copied.move.source == grown.extent.start


def test_after_clear_everything_is_one_free_stretch() -> None:
    kv = KVCache(512, 512)
    for first in range(5):
        keep(kv, numbers(70, 1000 * first))

    kv.clear()

    assert kv.used == 0
    assert sure(kv.allocate([1], 512, 0)).extent.size == 512
