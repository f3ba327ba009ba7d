import pytest
from gptstore_grammar_fixer import grammar_fixer

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run


def test_each_line_is_corrected_and_the_line_breaks_stay() -> None:
    done = run(
        grammar_fixer, text="he go home\r\n\r\n\tshe go too", model=ScriptedModel(["He goes home.", "She goes too."])
    )

    assert done.output == "He goes home.\r\n\r\n\tShe goes too."


def test_what_is_no_language_stays_as_it_is() -> None:
    done = run(
        grammar_fixer,
        text="look at https://example.com/faq?a=1 please",
        model=ScriptedModel(lambda messages: messages[-1]["content"].replace("look", "Look") + "."),
    )

    assert "https" not in done.prompts[0][-1]["content"]
    assert done.output == "Look at https://example.com/faq?a=1 please."


def test_a_line_of_which_the_model_loses_something_is_left_alone() -> None:
    done = run(grammar_fixer, text="they is 12 of us", model=ScriptedModel("There are many of us."))

    assert done.output == "they is 12 of us"
    assert done.logs == ["This was left as it is: they is 12 of us (lost: 12)"]


def test_a_base_model_continues_a_plain_prompt() -> None:
    done = run(grammar_fixer, text="he go", model=ScriptedModel(" He goes.\nText", is_chat=False))

    assert done.prompts == ["Text with mistakes: he go\n\nThe same text without mistakes:"]
    assert done.output == "He goes."


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ToolError, match="Paste the text"):
        run(grammar_fixer, text=" \n")
