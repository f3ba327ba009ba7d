import pytest

from gptstore.sdk.text import split_sentences
from training.evaluation.summaries import Text, lead, measure, read_summary

TEXT = "One two three four five six. Seven eight nine ten eleven twelve. " + "Much " * 10 + "more. And so on."


@pytest.mark.parametrize(("words", "sentences"), [(5, 2), (20, 3), (30, 4)])
def test_the_lead_is_whole_sentences_up_to_the_length_asked_for(words: int, sentences: int) -> None:
    assert lead(Text(TEXT, "w " * words)) == "".join(split_sentences(TEXT)[:sentences]).strip()


def test_a_long_first_sentence_is_cut_to_the_length() -> None:
    assert lead(Text("word " * 50 + ".", "short one")) == " ".join(["word"] * 16)


def test_what_the_tool_says_about_a_summary_does_not_count() -> None:
    assert read_summary("*Sentences chosen from the text:*\n\n> First point.\n\n* Second.") == "First point. * Second."
    rows = [Text(TEXT, "a red cat"), Text(TEXT, "dogs")]
    figures = measure(rows, ["**Chosen from the text**:\n\na red cat", "cats"])
    assert figures == {"rouge_1": 50, "rouge_2": 50, "rouge_l": 50, "chosen": 50}
