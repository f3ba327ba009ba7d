"""What is guessed from the tokens before."""

from hypothesis import given
from hypothesis import strategies as some

from worker.engine.loop.prompt_lookup import PromptLookup


def test_what_followed_the_same_tokens_is_guessed() -> None:
    assert PromptLookup().propose([1, 2, 3, 4, 5, 6, 7, 8, 2, 3], 16) == [4, 5, 6, 7]
    assert PromptLookup().propose([1, 2, 3, 4, 5, 6, 7, 8, 2, 3], 2) == [4, 5]


def test_nothing_is_guessed_where_nothing_is_said_again() -> None:
    assert PromptLookup().propose([1, 2, 3, 4], 16) == []
    assert PromptLookup().propose([1], 16) == []
    assert PromptLookup().propose([2, 1, 1], 16) == [], "a single token is too little"


def test_the_longest_repetition_leads_and_of_equals_the_last() -> None:
    assert PromptLookup().propose([1, 2, 3, 9, 0, 2, 3, 8, 1, 2, 3], 1) == [9]
    assert PromptLookup().propose([5, 2, 3, 9, 0, 2, 3, 8, 1, 2, 3], 1) == [8]


def test_a_text_that_goes_in_circles_is_guessed_on() -> None:
    assert PromptLookup().propose([7, 1, 2, 1, 2, 1], 4) == [2, 1, 2, 1]


def test_numbers_of_any_size_are_told_apart() -> None:
    assert PromptLookup().propose([1, 256, 65536, 1, 256], 1) == [65536]
    assert PromptLookup().propose([256, 1, 0, 256 << 8, 1 << 8, 5], 4) == []


def test_right_guesses_grow_and_wrong_ones_become_rare() -> None:
    lookup, tokens = PromptLookup(), [1, 2] * 20
    for expected in (4, 8, 16, 16):
        guessed = lookup.propose(tokens, 100)
        assert len(guessed) == expected
        tokens = [*tokens, *guessed, 1 if guessed[-1] == 2 else 2]

    asked = 0
    for other in range(3, 303):
        for token in (1, 2, other):
            tokens.append(token)
            asked += bool(lookup.propose(tokens, 100))
    assert 5 < asked < 20


@given(tokens=some.lists(some.integers(0, 2), min_size=1, max_size=60), most=some.integers(1, 20))
def test_a_guess_is_what_followed_the_same_tokens(tokens: list[int], most: int) -> None:
    lookup = PromptLookup()
    for count in range(1, len(tokens)):
        guessed = lookup.propose(tokens[:count], most)
        assert len(guessed) <= most
        if guessed:
            text = tokens[:count] + guessed
            assert any(text[at : at + 2 + len(guessed)] == text[-2 - len(guessed) :] for at in range(count - 2))
