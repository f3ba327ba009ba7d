from typing import Any

import pytest

from gptstore.sdk.testing import ScriptedModel, run
from gptstore_qa.tool import CHOSEN, answer
from tests.text.rendered import render
from tests.text.rows import read_rows

ROWS = [*read_rows("numbers"), *read_rows("scripts")]


@pytest.mark.parametrize("row", ROWS)
def test_a_base_model_answers_in_the_words_of_the_passage(row: Any) -> None:
    model = ScriptedModel(f" {row['input']}.\n", is_chat=False)

    output = run(answer, model=model, passage=row["passage"], question="Which?").output

    if row["right"]:
        shown, _, quoted = render(output).text.partition("\nFrom the passage:\n")
        assert shown == row["right"]
        assert row["right"] in quoted
    else:
        assert output.startswith(CHOSEN)


@pytest.mark.parametrize("row", ROWS)
def test_the_quote_below_the_answer_of_a_chat_model_holds_it(row: Any) -> None:
    output = run(answer, model=ScriptedModel(row["input"]), passage=row["passage"], question="Which?").output

    shown, _, quoted = render(output).text.partition("\nFrom the passage:\n")
    assert shown.startswith(row["input"])
    assert row["right"] in quoted
