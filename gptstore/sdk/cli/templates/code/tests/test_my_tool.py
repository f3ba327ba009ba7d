"""The tool, on a model whose answers are written down here."""

from typing import Any

import pytest
from gptstore_my_tool.tool import my_tool

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run

INPUT: dict[str, Any] = {"question": "Which books came out in 1984?", "tables": "books(id, title, year)"}
QUERY = "SELECT title FROM books WHERE year = 1984"


@pytest.mark.parametrize("answer", [QUERY, f"{QUERY};", f"```sql\n{QUERY};\n```", f"Here it is:\n```\n{QUERY}\n```"])
def test_the_output_is_the_query_alone(answer: str) -> None:
    assert run(my_tool, INPUT, model=ScriptedModel(answer)).output == f"{QUERY};"


def test_the_model_reads_the_question_and_the_tables() -> None:
    done = run(my_tool, INPUT, model=ScriptedModel(QUERY))

    assert "books(id, title, year)" in done.prompts[0][1]["content"]
    assert "1984" in done.prompts[0][1]["content"]


def test_a_base_model_goes_on_from_the_first_word() -> None:
    done = run(my_tool, INPUT, model=ScriptedModel(" title FROM books;\n-- Next", is_chat=False))

    assert done.prompts[0].endswith("SELECT")
    assert done.output == "SELECT title FROM books;"


def test_an_empty_answer_and_too_many_tables_are_explained() -> None:
    with pytest.raises(ToolError, match="gave no query"):
        run(my_tool, INPUT, model=ScriptedModel(" "))
    with pytest.raises(ToolError, match="too long"):
        run(my_tool, {**INPUT, "tables": "books(id)\n" * 2000}, model=ScriptedModel(QUERY))
