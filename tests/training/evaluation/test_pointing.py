import pytest

from training.evaluation.pointing import compare, sentences_quoted, sentences_with

PASSAGE = "Ada lives in Rome.  She has *two* dogs. Her brother lives in Rome too.\nHe has a cat."


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        ("rome", {0}),
        ("brother lives in Rome", {2}),
        ("dogs. Her brother", {1, 2}),
        ("He has a cat.", {3}),
        ("Paris", set()),
        (" ", set()),
    ],
)
def test_an_answer_points_to_the_sentences_of_its_first_occurrence(answer: str, sentences: set[int]) -> None:
    assert sentences_with(PASSAGE, answer) == sentences


def test_a_quote_is_known_whatever_markdown_did_to_it() -> None:
    assert sentences_quoted(PASSAGE, [r"She has \*two\* dogs.", "He has a cat."]) == {1, 3}
    assert sentences_quoted(PASSAGE, ["She has"]) == set()


def test_sets_of_sentences_are_compared() -> None:
    assert compare({1, 2}, {2}) == {"right": 1.0, "f1": pytest.approx(2 / 3)}
    assert compare({0}, {2}) == {"right": 0.0, "f1": 0.0}
    assert compare(set(), {2}) == {"right": 0.0, "f1": 0.0}
