import pytest

from training.evaluation.rouge import rouge_l, rouge_n

GOLD = "The cat was found under the bed."


def test_rouge_counts_words_and_pairs_of_words() -> None:
    answer = "the cat was under the bed"
    assert rouge_n(answer, GOLD, 1) == pytest.approx(2 * 6 / (6 + 7))
    assert rouge_n(answer, GOLD, 2) == pytest.approx(2 * 4 / (5 + 6))
    assert rouge_l(answer, GOLD) == pytest.approx(2 * 6 / (6 + 7))


def test_rouge_l_keeps_the_order_of_words() -> None:
    answer = "under the bed the cat was found"
    assert rouge_n(answer, GOLD, 1) == 1
    assert rouge_l(answer, GOLD) == pytest.approx(2 * 4 / (7 + 7))


def test_repeated_words_count_only_as_often_as_they_are_wanted() -> None:
    assert rouge_n("the the the", GOLD, 1) == pytest.approx(2 * 2 / (3 + 7))


def test_an_empty_text_gets_nothing() -> None:
    assert rouge_n("", GOLD, 1) == rouge_n("cat", GOLD, 2) == rouge_l("", GOLD) == 0
