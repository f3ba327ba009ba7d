from typing import Any

import pytest

from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_base_model_aids.repetition import end_translation
from gptstore_base_model_aids.summary_check import CHOSEN, find_fault
from gptstore_summarizer.tool import summarize
from tests.text.rows import read_rows

ROWS = read_rows("repetition")


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0]["kind"] == "translation"])
def test_a_translation_repeats_itself_as_its_source_does_and_no_more(row: Any) -> None:
    ctx = ScriptedContext(ScriptedModel("", is_chat=False))

    assert end_translation(ctx, row["text"], lambda temperature: str(row["input"]), 1) == row["right"]


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0]["kind"] == "summary"])
def test_a_summary_repeats_itself_as_its_text_does_and_no_more(row: Any) -> None:
    output = run(summarize, model=ScriptedModel(row["input"], is_chat=False), text=row["text"]).output

    assert (find_fault(row["text"], row["input"]) == "it repeats itself") == (row["right"] == "")
    assert output.startswith(CHOSEN) or output == row["right"]
