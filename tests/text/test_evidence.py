from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptstore.sdk.testing import ScriptedModel, run
from gptstore_base_model_aids.answer_span import find_spans
from gptstore_qa.evidence import MAX_QUOTE_CHARACTERS, NO_EVIDENCE, excerpt
from gptstore_qa.tool import answer
from tests.text.rendered import render
from tests.text.rows import read_rows

LETTERS = st.sampled_from(
    [*"ab1.,-'§ \n", "é", "e\u0301", "ह", "\u093f", "中", "가", "ש\u05b0", "👩\u200d🚀", "12.5", "(1,2)"]
)
PASSAGES = st.lists(LETTERS, max_size=30).map("".join)


@pytest.mark.parametrize("row", read_rows("evidence"))
@pytest.mark.parametrize("is_chat", [True, False])
def test_the_quote_holds_the_answer_however_long_its_sentence_is(row: Any, is_chat: bool) -> None:
    passage = "".join(text * times for text, times in row["passage"])
    model = ScriptedModel(row["input"], is_chat=is_chat, context_length=16_384)

    output = run(answer, model=model, passage=passage, question=row["question"]).output

    quoted = render(output).text.partition("From the passage:\n")[2]
    assert row["right"] in quoted
    assert len(quoted) <= max(MAX_QUOTE_CHARACTERS, len(row["right"])) + 100


def test_an_answer_that_is_longer_than_a_quote_is_quoted_whole() -> None:
    said = f"{'very ' * 150}long is the whole list"
    passage = f"It says: {said} of flowers in the garden of Oliver."

    output = run(answer, model=ScriptedModel(said, context_length=8192), passage=passage, question="What?").output

    assert said in output.partition("From the passage:")[2]


def test_the_words_of_a_free_answer_are_in_the_quote_of_a_long_sentence() -> None:
    passage = f"{'roses and ' * 90}a gardener named Oliver {'tulips and ' * 90}a blue pond."
    said = "Oliver is the gardener, and the pond is blue."

    output = run(answer, model=ScriptedModel(said, context_length=8192), passage=passage, question="Who?").output

    quoted = output.partition("From the passage:")[2]
    assert "gardener named Oliver" in quoted
    assert "blue pond" in quoted
    assert NO_EVIDENCE not in output


@given(PASSAGES, st.integers(0, 30), st.integers(1, 12))
@settings(max_examples=1000, deadline=None)
def test_spans_are_parts_of_the_passage_between_characters(passage: str, start: int, length: int) -> None:
    asked = passage[start : start + length]

    for first, last in find_spans(passage, asked):
        assert 0 <= first < last <= len(passage)
        assert not passage[first].isspace()
        assert passage[last : last + 1] not in ("\u0301", "\u093f", "\u05b0", "\u200d")


@given(st.lists(LETTERS, min_size=1, max_size=60).map("".join), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_an_excerpt_holds_the_answer_and_nothing_but_the_sentence(sentence: str, times: int) -> None:
    long_sentence = f"{sentence * times} Oliver {sentence * times}"

    shown = excerpt(long_sentence, "Oliver")

    assert "Oliver" in shown
    assert all(part in long_sentence for part in shown.removeprefix("… ").removesuffix(" …").split(" … "))
