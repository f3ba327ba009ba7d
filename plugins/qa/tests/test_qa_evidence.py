import pytest

from gptstore_qa.evidence import find_evidence, quote
from gptstore_qa.examples import BEES, LIBRARY, MOON

GARDEN = "The garden has roses. The garden has a pond. In the pond live frogs, and the frogs sing at night."


def test_the_sentence_with_the_answer_is_found():
    assert find_evidence(GARDEN, "Who lives in the pond?", "frogs").sentences == [
        "In the pond live frogs, and the frogs sing at night."
    ]


def test_of_sentences_with_the_same_answer_the_one_about_the_question_wins():
    passage = "Berlin has a tower. The tower was built in 1969. The park was opened in 1969 too."
    assert find_evidence(passage, "When was the park opened?", "1969").sentences == ["The park was opened in 1969 too."]


def test_an_answer_from_two_sentences_shows_both_in_the_order_of_the_passage():
    found = find_evidence(GARDEN, "What is in the garden?", "There are frogs, and also roses.")
    assert found.sentences == ["The garden has roses.", "In the pond live frogs, and the frogs sing at night."]


def test_nothing_is_shown_for_an_answer_that_the_passage_does_not_hold():
    found = find_evidence(GARDEN, "Who owns the garden?", "Lady Agatha Wellington, widow of a general")
    assert found.sentences == ()
    assert found.support < 0.5


def test_a_yes_is_looked_for_by_the_words_of_the_question():
    assert find_evidence(GARDEN, "Is there a pond in the garden?", "Yes.").sentences == ["The garden has a pond."]


def test_plural_and_capital_letters_do_not_matter():
    assert find_evidence(GARDEN, "What grows there?", "A ROSE").sentences == ["The garden has roses."]


def test_chinese_is_compared_by_pairs_of_characters():
    passage = "图书馆星期一不开门。阅览室在二楼。书可以借四个星期。"
    assert find_evidence(passage, "书可以借多久？", "四个星期").sentences == ["书可以借四个星期。"]


@pytest.mark.parametrize(
    ("passage", "question", "answer", "start"),
    [
        (MOON, "Who stayed in orbit around the Moon?", "Collins", "Collins stayed in orbit"),
        (LIBRARY, "How long may films be kept?", "one week", "Books may be kept for four weeks"),
        (BEES, "When did Karl von Frisch receive the Nobel Prize?", "1973", "In 1973 he received"),
    ],
)
def test_the_answers_of_the_examples_are_found(passage, question, answer, start):
    (sentence,) = find_evidence(passage, question, answer).sentences
    assert sentence.startswith(start)


def test_a_quoted_sentence_is_one_paragraph_and_holds_no_markdown():
    assert quote(["# One *bold*\nline", "1. Two <b>"]) == "> \\# One \\*bold\\* line\n>\n> 1\\. Two \\<b\\>"


def test_an_endless_sentence_is_shortened():
    assert len(quote(["long " * 1000])) < 700
