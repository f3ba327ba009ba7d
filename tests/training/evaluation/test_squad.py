import pytest

from training.evaluation.squad import exact_match, f1, normalize


def test_case_articles_punctuation_and_spaces_make_no_difference() -> None:
    assert normalize(" The  quick, brown Fox's\nden. ") == "quick brown foxs den"
    assert exact_match("the Eiffel Tower!", "Eiffel tower") == 1
    assert exact_match("Eiffel", "Eiffel Tower") == 0


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("in the garden", "the garden", 2 * 1 / (2 + 1)),
        ("cat cat dog", "cat dog dog dog", 2 * 2 / (3 + 4)),
        ("river", "garden", 0),
        ("the", "a", 1),
        ("", "garden", 0),
    ],
)
def test_f1_counts_shared_words_as_often_as_both_have_them(answer: str, gold: str, expected: float) -> None:
    assert f1(answer, gold) == pytest.approx(expected)
