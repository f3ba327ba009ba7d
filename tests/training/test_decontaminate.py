from random import Random

import pytest

from training.code_shape import function_shapes
from training.decontaminate import drop_overlaps
from training.stream import Stream
from training.tasks import Example, Row

PASSAGE = (
    "The lighthouse at Barrow Point was built in 1871 by the engineer Thomas Hale, and its light can be seen from "
    "ships thirty kilometres away."
)
LOOP = "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n"


def make(row: Row, random: Random) -> Example:
    return Example("", row[0])


def stream(name: str, rows: list[Row], held_out: list[Row] | None = None) -> Stream:
    return Stream(name, 0.1, rows, held_out or [], make)


def kept(held_out: Stream, trained: Stream) -> list[Row]:
    streams, dropped = drop_overlaps([held_out, trained])
    assert dropped == {held_out.name: 0, trained.name: len(trained.rows) - len(streams[1].rows)}
    return list(streams[1].rows)


def test_prose_with_the_passage_of_a_held_out_question_is_dropped_however_it_is_written() -> None:
    held_out = stream("qa", [], [(PASSAGE, "Who built it?", "Thomas Hale")])
    quoting = ("Long ago.\n\n" + PASSAGE.upper().replace(",", " –") + " So they say.",)
    other = ("The lighthouse at Barrow Point was built in 1871 by somebody else.",)
    assert kept(held_out, stream("text", [quoting, other])) == [other]


def test_thirteen_words_in_a_row_are_too_many_and_twelve_are_not() -> None:
    words = PASSAGE.split()
    held_out = stream("summarize", [], [(PASSAGE, "A lighthouse.")])
    twelve, thirteen = (("Once " + " ".join(words[3 : 3 + count]) + " once",) for count in (12, 13))
    assert kept(held_out, stream("text", [twelve, thirteen])) == [twelve]


def test_a_pair_is_dropped_if_either_side_is_held_out() -> None:
    held_out = stream("translate-fr", [], [("Tom laughed.", "Tom a ri.")])
    rows = [("Tom has laughed.", "Tom a ri !"), ("tom laughed", "Tom riait."), ("Tom laughed a lot.", "Tom a bien ri.")]
    assert kept(held_out, stream("translate-de", list(rows))) == rows[2:]


@pytest.mark.parametrize(("shared", "left"), [(19, 1), (20, 0)])
def test_chinese_is_compared_by_twenty_characters(shared: int, left: int) -> None:
    sentence = "我们今天早上在学校里参加了一次历史小考,大家都觉得非常难"
    held_out = stream("translate-zh", [], [("We had a history quiz.", sentence)])
    row = ("It was hard.", "他说" + sentence.replace(",", "，")[: shared + (shared > 18)] + "吗")
    assert len(kept(held_out, stream("translate-zh-more", [row]))) == left


def test_a_short_question_or_answer_may_be_trained_on_with_another_passage() -> None:
    held_out = stream("qa", [], [(PASSAGE, "Who built it?", "Thomas Hale")])
    row = ("The bridge is older. Thomas Hale built it.", "Who built it?", "Thomas Hale")
    assert kept(held_out, stream("qa-more", [row])) == [row]


def test_code_is_found_under_other_names_and_beside_other_functions() -> None:
    held_out = stream("code", [], [("Write a Python function `total(numbers)`. Add them up.", LOOP)])
    renamed = LOOP.replace("numbers", "xs").replace("number", "x").replace("total", "add")
    rows = [
        ("Sum a list.", "import math\n\ndef half(x):\n    return x / 2\n\n" + renamed),
        ("Multiply a list.", LOOP.replace("+=", "*=")),
        ("Write a Python function `add(xs)`. Add them up!", "add = sum"),
    ]
    assert kept(held_out, stream("code-more", list(rows))) == rows[1:2]


def test_the_tasks_of_an_evaluation_count_as_held_out() -> None:
    trained = stream("code", [("Sum a list.", LOOP), ("Nothing.", "pass")])
    streams, dropped = drop_overlaps([trained], also=[("Add all numbers of a list.", LOOP)])
    assert list(streams[0].rows) == [("Nothing.", "pass")]
    assert dropped == {"code": 1}


def test_functions_that_call_other_built_ins_differ() -> None:
    smallest, largest = (f"def f(values):\n    return {name}(v * v for v in values)\n" for name in ("min", "max"))
    assert function_shapes(smallest) != function_shapes(largest)
    assert function_shapes(smallest) == function_shapes(smallest.replace("v", "w").replace("f(", "g("))


def test_code_that_does_not_parse_has_no_shape() -> None:
    assert function_shapes("def f(:") == set()
