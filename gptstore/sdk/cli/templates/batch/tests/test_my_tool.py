"""The tool, on a model whose answers are written down here."""

import pytest
from gptstore_my_tool.tool import my_tool

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run

LONG = "A sentense of six words heer. " * 60


def test_a_short_text_is_corrected_at_once() -> None:
    assert run(my_tool, text="Helo.", model=ScriptedModel([" Hello.\n"])).output == "Hello."


def test_a_long_text_is_corrected_in_parts_and_says_how_far_it_is() -> None:
    done = run(my_tool, text=LONG, model=ScriptedModel("Fine.", context_length=128))

    count = len(done.prompts)
    assert count > 4
    assert done.logs == [f"The text has {count} parts."]
    assert [report.message for report in done.progress] == [f"part {n + 1} of {count}" for n in range(count)]
    assert done.output == "\n\n".join(["Fine."] * count)


def test_a_run_that_is_canceled_asks_for_no_further_part() -> None:
    done = run(my_tool, text=LONG, model=ScriptedModel("Fine.", context_length=128), cancel_after=1)

    assert done.canceled
    assert len(done.prompts) == 1


def test_a_base_model_gets_a_text_to_continue() -> None:
    done = run(my_tool, text="Helo.", model=ScriptedModel(" Hello.\n\nMore", is_chat=False))

    assert done.prompts[0].endswith("without mistakes:")
    assert done.output == "Hello."


def test_without_a_text_the_user_reads_what_to_do() -> None:
    with pytest.raises(ToolError, match="There is no text"):
        run(my_tool, text=" ")
