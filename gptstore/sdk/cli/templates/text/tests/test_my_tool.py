"""The tool, on a model whose answers are written down here."""

import pytest
from gptstore_my_tool.tool import my_tool

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run


def test_the_new_text_is_what_the_model_says() -> None:
    done = run(my_tool, text="Cease at once.", model=ScriptedModel(["  Stop now. "]))

    assert done.output == "Stop now."


def test_the_model_is_told_the_style() -> None:
    done = run(my_tool, text="Cease at once.", style="formal", model=ScriptedModel("Kindly stop."))

    assert "business letter" in done.prompts[0][0]["content"]


def test_a_base_model_gets_a_text_to_continue() -> None:
    done = run(my_tool, text="Cease at once.", model=ScriptedModel(" Stop.\n\nText: more", is_chat=False))

    assert done.prompts[0].endswith("in plain words that everybody knows:")
    assert done.output == "Stop."


def test_a_long_text_is_rewritten_in_parts() -> None:
    done = run(my_tool, text="A sentence of six words here. " * 400, model=ScriptedModel("Part."))

    assert len(done.prompts) > 1
    assert done.output.split("\n\n") == ["Part."] * len(done.prompts)


def test_without_a_text_the_user_reads_what_to_do() -> None:
    with pytest.raises(ToolError, match="There is no text"):
        run(my_tool, text="  ")
