from random import Random

import pytest

from gptstore_qa.prompts import completion_prompt as qa_prompt
from gptstore_summarizer.prompts import completion_prompt as summary_prompt
from gptstore_translator.prompts import completion_prompt as translation_prompt
from training import tasks
from training.tasks import Example


def test_question_is_put_in_the_words_of_the_qa_plugin() -> None:
    example = tasks.question(("Ann lives in Rome.", "Where does Ann live?", "Rome"), Random(1))
    assert example == Example(qa_prompt("Ann lives in Rome.", "Where does Ann live?"), " Rome", tasks.SPAN_WEIGHT)


@pytest.mark.parametrize(("words", "length"), [(5, "short"), (16, "short"), (20, "medium"), (40, "long")])
def test_summary_is_asked_for_in_the_length_it_has(words: int, length: str) -> None:
    wanted = " ".join(["word"] * words)
    example = tasks.summary(("A long text.", wanted), Random(1))
    assert example == Example(summary_prompt("A long text.", length), " " + wanted)


def test_translation_goes_both_ways() -> None:
    both = {tasks.translation([("Hello.", "Bonjour.")], Random(seed), ("en", "fr")) for seed in range(20)}
    assert both == {
        Example(translation_prompt("Hello.", "en", "fr"), " Bonjour."),
        Example(translation_prompt("Bonjour.", "fr", "en"), " Hello."),
    }


def test_two_pairs_make_one_example_and_chinese_sentences_have_no_space_between() -> None:
    pairs = [("Hello.", "你好。"), ("Thanks.", "谢谢。")]
    both = {tasks.translation(pairs, Random(seed), ("en", "zh")).answer for seed in range(20)}
    assert both == {" 你好。谢谢。", " Hello. Thanks."}


@pytest.mark.parametrize(
    ("instruction", "bare"),
    [
        ("Write a function to sort a list.", "Sort a list."),
        ("Write a python function to find the first letter.", "Find the first letter."),
        ("Write a Python function `lcm(a, b)`. Returns the least multiple.", "Returns the least multiple."),
        ("Write Python code defining is_paired. Given brackets, check them.", "Given brackets, check them."),
        ("Sort a list.", "Sort a list."),
    ],
)
def test_bare_task_is_what_a_user_would_type(instruction: str, bare: str) -> None:
    assert tasks.bare_task(instruction) == bare


def test_code_answer_keeps_its_indentation() -> None:
    source = "def f(x):\n    return x"
    assert tasks.code(("Return x.", source), Random(1)).answer == source + "\n"


def test_instruction_is_plain_text_without_empty_lines_for_missing_input() -> None:
    assert tasks.instruction(("Name a fruit.", "", "An apple."), Random(1)) == Example("", "Name a fruit.\nAn apple.")
