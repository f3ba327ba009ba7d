"""What the training data gets beside the corpus: questions, gists, programs, other names."""

import ast
import re
from random import Random

import pytest

from training.entity_swap import disguise
from training.extractive_summaries import choose_central, summarize
from training.names import change_names
from training.passages import cut_around, cut_window, split_passage, surround
from training.programs import fill, word_task, write_program
from training.questions import make_question
from training.recipes import read_recipes

TOWER = (
    "The tower was built in 1871 by the engineer Thomas Hale. It is 42 metres tall. A keeper lived in the house beside "
    "the tower. Since 1961 the light of the tower is automatic, because nobody wanted to live there."
)


def questions_about(sentence: str) -> set[tuple[str, str]]:
    made = (make_question(sentence, Random(seed)) for seed in range(400))
    return {each for each in made if each is not None}


def test_a_question_asks_for_a_span_of_the_sentence_and_does_not_say_it() -> None:
    sentence = "The tower was built in 1871 by the engineer Thomas Hale."
    made = questions_about(sentence)
    assert ("When was the tower built by the engineer Thomas Hale?", "1871") in made
    assert {"1871", "The tower"} <= {answer for _, answer in made}
    for question, answer in made:
        assert answer in sentence
        assert question.endswith("?")
        assert answer == "The tower" or not re.search(rf"\b{re.escape(answer)}\b", question)


def test_a_sentence_without_anything_to_ask_for_has_no_question() -> None:
    assert all(make_question("Go on!", Random(seed)) is None for seed in range(20))


def test_windows_and_frames_keep_the_sentence_that_is_asked_about() -> None:
    passage, others = split_passage(TOWER), [split_passage("Cats sleep. Dogs bark.")]
    for seed in range(50):
        assert passage[1] in cut_around(passage, 1, Random(seed))
        assert len(cut_window(passage, Random(seed), least=2)) >= 2
        framed = surround(passage[0], others, Random(seed))
        assert passage[0] in framed
        assert len(framed) > len(passage[0])


def test_names_and_numbers_change_in_all_texts_alike() -> None:
    row = ("In spring old Thomas came to Paris with 42 friends.", "Who came to Paris with 42 friends?", "Thomas")
    changed = {disguise(row, ["Ann", "Rome"], Random(seed)) for seed in range(60)}
    assert row in changed
    assert len(changed) > 5
    for passage, question, answer in changed:
        assert answer in passage
        assert re.findall(r"\d+", passage) == re.findall(r"\d+", question)


def test_a_pair_of_sentences_gets_the_same_new_name() -> None:
    changed = {change_names(("Tom is 12.", "Tom a 12 ans."), Random(seed)) for seed in range(40)}
    assert ("Tom is 12.", "Tom a 12 ans.") in changed
    assert all(re.findall(r"^\w+|\d+", one) == re.findall(r"^\w+|\d+", other) for one, other in changed)
    assert len(changed) > 5


def test_names_that_the_other_sentence_lacks_stay() -> None:
    pair = ("Tom sleeps.", "汤姆睡觉。")
    assert {change_names(pair, Random(seed)) for seed in range(20)} == {pair}


def test_the_central_sentence_says_what_the_others_say() -> None:
    sentences = ["Weather was fine.", "The harbour wall needs money.", "Money is short.", "The harbour is busy."]
    assert choose_central(sentences, 1) == ["The harbour wall needs money."]


def test_a_summary_is_a_persons_or_the_sentence_next_to_it() -> None:
    answers = {summarize((TOWER, "Thomas Hale built the tower."), Random(seed)).answer for seed in range(30)}
    assert answers == {" Thomas Hale built the tower.", " " + split_passage(TOWER)[0]}


@pytest.mark.parametrize("recipe", read_recipes(), ids=lambda recipe: recipe[0][:40])
def test_every_recipe_gives_code_that_parses_under_the_name_that_is_asked_for(recipe: tuple[str, ...]) -> None:
    for seed in range(12):
        example = write_program(recipe, Random(seed))
        (function,) = ast.parse(example.answer).body
        assert isinstance(function, ast.FunctionDef)
        assert "{" not in example.prompt
        asked = re.search(r"function `?(\w+)\(", example.prompt)
        assert asked is None or asked[1] == function.name


def test_a_task_is_put_in_many_ways() -> None:
    task, name, parameters, _ = fill(("find the sum of a list", "total", "items", "return sum(items)"), Random(3))
    asked = {word_task(task, name, parameters, Random(seed)) for seed in range(40)}
    assert "Find the sum of a list." in asked
    assert len(asked) == 7
