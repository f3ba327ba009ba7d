import pytest

from gptstore_base_model_aids.answer_span import find_span

PASSAGE = (
    "The new bridge, of “rust-free”  steel, cost\n$12 million.\nThe WHO’s Dr. O'Hara opened it. 图书馆星期一不开门。"
)


@pytest.mark.parametrize(
    ("answer", "span"),
    [
        ("steel", "steel"),
        ("THE NEW BRIDGE", "The new bridge"),
        (" steel, cost $12 million. ", "steel, cost $12 million"),
        ('"steel."', "steel"),
        ("bridge , of", "bridge, of"),
        ('"rust–free" steel', "rust-free” steel"),
        ("$12 million", "$12 million"),
        ("dr. o’hara", "Dr. O'Hara"),
        ("WHO", "WHO"),
        ("12", "$12"),
        ("星期一", "星期一"),
    ],
)
def test_what_stands_in_the_passage_is_given_as_it_stands_there(answer, span):
    assert find_span(PASSAGE, answer) == span


@pytest.mark.parametrize("answer", ["", " \n", "...", "of", "of the", "who", "brid", "ridge", "steel bridge", "1"])
def test_what_does_not_or_says_nothing_is_no_span(answer):
    assert find_span(PASSAGE, answer) == ""
