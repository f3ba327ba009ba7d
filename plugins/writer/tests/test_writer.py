import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_writer.tool import write


@pytest.mark.parametrize("is_chat", [True, False])
def test_the_model_gets_the_text_as_it_is_and_only_the_next_part_comes_out(is_chat):
    model = ScriptedModel(" upon a  time.\n", is_chat=is_chat)

    result = run(write, model=model, text="Once ")

    assert result.output == " upon a  time.\n"
    assert len(result.pieces) > 2
    assert model.prompts == ["Once "]


def test_the_sampling_reaches_the_model():
    model = ScriptedModel("Yes.")

    run(write, model=model, text="Is it?", temperature=0, top_p=0.5, max_tokens=7, stop=[".", "!"], seed=3)

    assert model.calls[0].given == {
        "temperature": 0,
        "top_p": 0.5,
        "max_tokens": 7,
        "stop": (".", "!"),
        "seed": 3,
    }


def test_without_a_beginning_there_is_nothing_to_go_on_with():
    model = ScriptedModel("Yes.")

    with pytest.raises(ToolError, match="Write how it begins"):
        run(write, model=model, text="")

    assert model.calls == []


@pytest.mark.parametrize("example", write.examples, ids=lambda example: example.title)
def test_every_example_runs(example):
    assert run(write, example.input, model=ScriptedModel(" and so on.")).output == " and so on."
