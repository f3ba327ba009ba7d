import json

import pytest
from gptstore_json_extractor import INVOICE, json_extractor

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run


def test_the_answer_has_the_fields_that_were_asked_for() -> None:
    answer = {"number": "2026-117", "due": None}

    done = run(
        json_extractor,
        text=INVOICE,
        fields=["number: of the invoice", "due"],
        model=ScriptedModel([json.dumps(answer)]),
    )

    assert json.loads(done.output) == answer
    assert "- number: of the invoice\n- due: due" in done.prompts[0][0]["content"]


def test_the_model_can_answer_in_no_other_form() -> None:
    model = ScriptedModel(['{"number": "1"}'])

    run(json_extractor, text=INVOICE, fields=["number"], model=model)

    schema = model.calls[0].schema
    assert schema is not None and schema["required"] == ["number"]


@pytest.mark.parametrize("name", ["", "1st", "a b", "copy", "näme", "x" * 41])
def test_a_name_that_is_none_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ToolError, match="Begin with a letter"):
        run(json_extractor, text="x", fields=[f"{name}: what"])


def test_a_text_that_is_too_long_is_refused_before_the_model_is_asked() -> None:
    with pytest.raises(ToolError, match="too long"):
        run(json_extractor, text="word " * 400, fields=["a"], model=ScriptedModel([], context_length=400))
