import pytest

from training.evaluation.qa import Question, capitalised_words, measure, read_answer, shared_sentence

PASSAGE = "Once upon a time Old Ben lived in Corsham. His neighbour Mary Hill built the mill in 1820."
ROW = Question(PASSAGE, "Who built the mill near Ben?", "Mary Hill")


def test_a_line_is_the_answer_and_what_the_tool_quotes_is_its_evidence() -> None:
    assert read_answer(" Mary Hill\n") == ("Mary Hill", [])
    assert read_answer("Mary Hill\n\n**From the passage:**\n\n> One.\n>\n> Two.") == ("Mary Hill", ["One.", "Two."])
    assert read_answer("**Chosen from the text** (because):\n\n> One.") == ("One.", ["One."])
    assert read_answer("") == ("", [])


def test_answers_and_their_sentences_are_measured() -> None:
    half = measure([ROW, ROW], [" Mary", "Old Ben"])
    assert half["exact_match"] == 0
    assert half["f1"] == pytest.approx(100 * (2 / 3) / 2)
    assert half["sentence_right"] == half["sentence_f1"] == 50
    assert measure([ROW], ["Mary Hill"]) == {
        "exact_match": 100,
        "f1": 100,
        "sentence_right": 100,
        "sentence_f1": 100,
        "sentence_rows": 1,
        "chosen": 0,
    }


def test_what_the_tool_quotes_counts_before_where_its_answer_stands() -> None:
    wrong = measure([ROW], ["Mary Hill\n\n**From the passage:**\n\n> Once upon a time Old Ben lived in Corsham."])
    assert (wrong["exact_match"], wrong["sentence_right"]) == (100, 0)


def test_answers_that_the_tool_chose_from_the_text_are_counted() -> None:
    chosen = "**Chosen from the text** (because):\n\n> His neighbour Mary Hill built the mill in 1820."
    figures = measure([ROW, ROW], [chosen, "Mary Hill"])
    assert (figures["chosen"], figures["sentence_right"]) == (50, 100)


def test_a_passage_of_one_sentence_says_nothing_about_pointing() -> None:
    row = Question("Mary Hill built it.", "Who built it?", "Mary Hill")
    assert measure([row, ROW], ["Mary Hill", "no idea"])["sentence_right"] == 0
    assert measure([row], ["Mary Hill"])["sentence_rows"] == 0


def test_trivial_answers_come_from_the_passage_and_the_question_alone() -> None:
    assert capitalised_words(ROW) == "Once"
    assert capitalised_words(Question("Old Ben met Mary Hill.", "Whom did Old Ben meet?", "")) == "Mary Hill"
    assert shared_sentence(ROW) == "His neighbour Mary Hill built the mill in 1820."
