"""The tool, on a model whose answers are written down here."""

import json

import pytest
from gptstore_my_tool.tool import my_tool

from gptstore.sdk import AnswerError, ToolError
from gptstore.sdk.testing import ScriptedModel, run

ANSWER = '{"title": "Concert", "day": "4 May", "place": "park", "topics": ["music"]}'


def test_the_event_comes_out_as_data() -> None:
    done = run(my_tool, text="Music in the park on 4 May", model=ScriptedModel(ANSWER))

    assert json.loads(done.output) == {"title": "Concert", "day": "4 May", "place": "park", "topics": ["music"]}


def test_the_model_can_only_choose_topics_that_there_are() -> None:
    model = ScriptedModel(ANSWER)
    run(my_tool, text="Music in the park", model=model)

    assert "music" in json.dumps(model.calls[0].schema)
    with pytest.raises(AnswerError, match="topics"):
        run(my_tool, text="Chess", model=ScriptedModel(ANSWER.replace("music", "chess")))


def test_a_base_model_gets_a_text() -> None:
    assert isinstance(run(my_tool, text="Music", model=ScriptedModel(ANSWER, is_chat=False)).prompts[0], str)


def test_without_a_text_the_user_reads_what_to_do() -> None:
    with pytest.raises(ToolError, match="There is no text"):
        run(my_tool, text="")
