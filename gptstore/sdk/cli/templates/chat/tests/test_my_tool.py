"""The tool, on a model whose answers are written down here."""

import pytest
from gptstore_my_tool.tool import PERSONA, my_tool

from gptstore.sdk import InputError
from gptstore.sdk.testing import ScriptedModel, run

QUESTION = {"role": "user", "content": "Why do stars twinkle?"}
ANSWER = {"role": "assistant", "content": "The air moves."}


def test_the_answer_is_what_the_model_says() -> None:
    assert run(my_tool, messages=[QUESTION], model=ScriptedModel("The air moves.")).output == "The air moves."


def test_the_persona_stands_before_the_whole_conversation() -> None:
    conversation = [QUESTION, ANSWER, {"role": "user", "content": "Always?"}]

    done = run(my_tool, messages=conversation, model=ScriptedModel("Yes."))

    assert done.prompts == [[{"role": "system", "content": PERSONA}, *conversation]]


def test_a_base_model_gets_the_conversation_as_a_text() -> None:
    done = run(my_tool, messages=[QUESTION], model=ScriptedModel(" The air.\nUser: And", is_chat=False))

    assert done.prompts[0].endswith("User: Why do stars twinkle?\nAssistant:")
    assert done.output == "The air."


def test_somebody_has_to_ask_something() -> None:
    with pytest.raises(InputError):
        run(my_tool, messages=[])
    with pytest.raises(InputError):
        run(my_tool, messages=[QUESTION, ANSWER])
