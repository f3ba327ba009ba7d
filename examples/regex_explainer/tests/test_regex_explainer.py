import pytest
from gptstore_regex_explainer import regex_explainer

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run


def test_the_model_explains_and_python_says_what_matches() -> None:
    done = run(
        regex_explainer,
        pattern=r"(\d+)-(\w)",
        samples=["10-x", "ten"],
        model=ScriptedModel(["Digits, a hyphen, a letter."]),
    )

    explanation, table = done.output.split("\n\n")
    assert explanation == "Digits, a hyphen, a letter."
    assert table.splitlines()[2:] == ["| 10-x | 10-x | 10, x |", "| ten | nothing |  |"]


def test_a_wrong_expression_is_refused_with_its_place_before_the_model_is_asked() -> None:
    model = ScriptedModel([])

    with pytest.raises(ToolError, match="at its character 2"):
        run(regex_explainer, pattern="a(b", model=model)
    assert model.calls == []


def test_texts_with_bars_and_markdown_stay_in_their_cell() -> None:
    done = run(regex_explainer, pattern="b", samples=["a|b *c*\nd"], model=ScriptedModel("B."))

    assert done.output.splitlines()[-1] == "| a\\|b \\*c\\* d | b |  |"


def test_without_texts_there_is_no_table() -> None:
    assert run(regex_explainer, pattern="b", model=ScriptedModel("The letter b.")).output == "The letter b."
