"""Finding what begins alike."""

from worker.engine.loop.prefix import BLOCK, Extent, PrefixIndex


def numbers(count: int, first: int = 0) -> list[int]:
    return list(range(first, first + count))


def test_the_longest_shared_beginning_is_found_in_whole_blocks() -> None:
    index, extent = PrefixIndex(), Extent(0, 128)
    index.add(extent, numbers(100))

    assert extent.tokens == tuple(numbers(96))
    assert index.find(numbers(50) + [7] * 50) == (extent, 48)
    assert index.find(numbers(100)) == (extent, 96)
    assert index.find(numbers(BLOCK - 1)) is None
    assert index.find([7, *numbers(99)]) is None


def test_the_same_block_after_another_beginning_is_not_taken_for_it() -> None:
    index, extent = PrefixIndex(), Extent(0, 64)
    index.add(extent, numbers(32))

    assert index.find([*numbers(16, 50), *numbers(16, 16)]) is None


def test_an_extent_that_was_given_away_is_not_found() -> None:
    index, old, new = PrefixIndex(), Extent(0, 64), Extent(64, 64)
    index.add(old, numbers(32))
    index.add(new, numbers(48))

    index.remove(old)
    assert index.find(numbers(48)) == (new, 48)

    index.remove(new)
    assert index.find(numbers(48)) is None
    assert index._extents == {}


def test_tokens_are_compared_and_not_only_their_names() -> None:
    index, extent = PrefixIndex(), Extent(0, 64)
    index.add(extent, numbers(32))
    extent.tokens = tuple(numbers(32, 1))  # as if two texts had the same name

    assert index.find(numbers(32)) is None


def test_too_few_tokens_are_not_remembered() -> None:
    index, extent = PrefixIndex(), Extent(0, 64)
    index.add(extent, numbers(BLOCK - 1))

    assert extent.tokens == ()
    assert index._extents == {}
