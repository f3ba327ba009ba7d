import ast

import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_code_writer.tool import write_code

TASK = "Write a function that adds two numbers."
ADD = "def add(a, b):\n    return a + b"
BROKEN = "def add(a, b):\n    return a +\n"
HALF = f"import math\n\n{ADD}\n\nprint(add(1, 2)\nx = 1"


def base_model(replies):
    return ScriptedModel(replies, is_chat=False)


def test_code_that_parses_is_taken_at_the_first_attempt_which_takes_the_likeliest():
    model = base_model([ADD])
    result = run(write_code, model=model, task=TASK)
    assert (result.output, result.logs) == (ADD, [])
    assert model.calls[0].temperature == 0


def test_code_that_does_not_parse_is_asked_for_again_more_freely_and_never_with_the_same_seed():
    model = base_model([BROKEN, BROKEN, BROKEN, ADD])
    result = run(write_code, model=model, task=TASK)
    assert result.output == ADD
    assert [call.temperature for call in model.calls] == [0, 0.5, 0.8, 0.8]
    assert len({call.seed for call in model.calls}) == 4
    assert [report.message for report in result.progress][:2] == ["Attempt 1 of 4", "Attempt 2 of 4"]
    assert result.progress[-1].done == result.progress[-1].total
    assert result.logs == [f"Attempt {number}: line 2: invalid syntax" for number in (1, 2, 3)]


def test_whole_code_is_better_than_the_beginning_of_other_code():
    assert run(write_code, model=base_model([HALF, ADD]), task=TASK).output == ADD


def test_the_attempt_of_which_the_least_is_missing_is_shown_and_says_what_is_missing():
    result = run(write_code, model=base_model([f"x = 1\n{BROKEN}", HALF, f"{HALF}\ny = 2", BROKEN]), task=TASK)
    assert result.output == (
        f"import math\n\n{ADD}\n\n# Left out: the last 2 lines of the model's answer, "
        "which did not parse: line 6: '(' was never closed"
    )
    ast.parse(result.output)


@pytest.mark.parametrize("reply", [BROKEN, "", "```\n```", "Sorry", "import os", '"""Adds."""', "pass", "def"])
def test_a_model_that_never_writes_code_that_parses_is_an_error_that_says_what_to_do(reply):
    model = base_model(reply)
    with pytest.raises(ToolError, match=r"In 4 attempts .* Describe the task in other words"):
        run(write_code, model=model, task=TASK)
    assert len(model.calls) == 4


def test_a_canceled_job_makes_no_further_attempt():
    class CanceledAfterOneAttempt(ScriptedContext):
        def progress(self, done, total, message=""):
            if done == 1:
                self.cancel()
            super().progress(done, total, message)

    ctx = CanceledAfterOneAttempt(base_model(BROKEN))
    result = run(write_code, ctx=ctx, task=TASK)
    assert (result.canceled, result.output, len(result.prompts)) == (True, "", 1)
