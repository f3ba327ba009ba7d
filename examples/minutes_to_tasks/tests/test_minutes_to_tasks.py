import json

import pytest
from gptstore_minutes_to_tasks import MINUTES, minutes_to_tasks

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run


def answer(*tasks: tuple[str, str, str]) -> str:
    return json.dumps({"tasks": [dict(zip(("who", "what", "due"), task, strict=True)) for task in tasks]})


def test_each_task_says_who_does_what_and_by_when() -> None:
    model = ScriptedModel([answer(("Charles", "ask Joseph for gears", "Friday"), ("", "write the paper", ""))])

    done = run(minutes_to_tasks, minutes=MINUTES, model=model)

    assert done.columns == ["Who", "What", "Due"]
    assert done.rows == [
        {"Who": "Charles", "What": "ask Joseph for gears", "Due": "Friday"},
        {"Who": "", "What": "write the paper", "Due": ""},
    ]


def test_a_task_that_two_parts_of_long_minutes_name_is_listed_once() -> None:
    model = ScriptedModel(answer(("Ada", "write the paper", "")), context_length=900)

    done = run(minutes_to_tasks, minutes=MINUTES * 12, model=model)

    assert len(done.prompts) > 1
    assert done.rows == [{"Who": "Ada", "What": "write the paper", "Due": ""}]


def test_minutes_without_tasks_are_answered_with_advice() -> None:
    with pytest.raises(ToolError, match="who does what"):
        run(minutes_to_tasks, minutes="We had cake.", model=ScriptedModel([answer()]))
