import pytest

from gptstore.sdk import TokenLogprob, ToolError
from gptstore.sdk.answer import logprobs_of
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


def test_log_probabilities_come_with_the_text():
    model = ScriptedModel(" upon a time", logprobs={" upon": {" upon": -0.25, " in": -2.0}})

    result = run(write, model=model, text="Once", logprobs=1)

    tokens = [one for piece in result.pieces for one in logprobs_of(piece)]
    assert tokens[0] == TokenLogprob(b" upon", -0.25, (TokenLogprob(b" upon", -0.25),))
    assert "".join(one.text for one in tokens) == result.output == " upon a time"


def test_without_a_beginning_there_is_nothing_to_go_on_with():
    model = ScriptedModel("Yes.")

    with pytest.raises(ToolError, match="Write how it begins"):
        run(write, model=model, text="")

    assert model.calls == []


@pytest.mark.parametrize("example", write.examples, ids=lambda example: example.title)
def test_every_example_runs(example):
    assert run(write, example.input, model=ScriptedModel(" and so on.")).output == " and so on."
