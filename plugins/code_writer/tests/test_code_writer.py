import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedModel, run
from gptstore_code_writer.tool import write_code

TASK = "Write a function that adds two numbers."
ADD = "def add(a, b):\n    return a + b"
BROKEN = "def add(a, b):\n    return a +\n"


def base_model(reply, context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length)


def test_a_base_model_gets_the_completion_prompt_and_stops_at_the_next_task():
    model = base_model(f"{ADD}\n\nTask: something else")
    result = run(write_code, model=model, task=TASK)
    assert result.output == ADD
    assert model.prompts == [f"Task: {TASK}\nLanguage: Python\nCode:\n"]


def test_a_chat_model_is_asked_for_the_language_and_its_fences_are_taken_off():
    model = ScriptedModel("Here you go:\n\n```javascript\nlet x = 1;\n```\nThis sets x.")
    result = run(write_code, model=model, task=TASK, language="javascript")
    assert result.output == "let x = 1;"
    assert "JavaScript" in model.prompts[0][0]["content"]
    assert result.logs == []


def test_code_appears_as_the_model_makes_it():
    assert len(run(write_code, model=ScriptedModel(f"```python\n{ADD}\n```"), task=TASK).pieces) > 5


def test_python_of_a_chat_model_that_does_not_parse_says_so_in_the_log_and_in_a_last_comment():
    result = run(write_code, model=ScriptedModel(BROKEN), task=TASK)
    *code, note = result.output.split("\n")
    assert "\n".join(code) == BROKEN.rstrip()
    assert note == "# Note: this code does not parse: line 2: invalid syntax"
    assert result.logs == ["The code does not parse: line 2: invalid syntax"]


@pytest.mark.parametrize("is_chat", [True, False])
def test_other_languages_are_not_checked(is_chat):
    model = ScriptedModel("let x = ;", is_chat=is_chat)
    assert run(write_code, model=model, task=TASK, language="javascript").output == "let x = ;"
    assert len(model.calls) == 1


@pytest.mark.parametrize("task", ["", " \n\t"])
def test_an_empty_task_is_refused_before_the_model_is_asked(task):
    model = base_model(ADD)
    with pytest.raises(ToolError, match="Describe what the code should do"):
        run(write_code, model=model, task=task)
    assert model.prompts == []


def test_a_task_that_leaves_no_room_for_code_is_refused_with_the_way_out():
    with pytest.raises(ToolError, match="Shorten the description"):
        run(write_code, model=base_model(ADD, context_length=128), task="add " * 100)


def test_a_long_task_gets_the_room_that_is_left():
    model = base_model(ADD)
    run(write_code, model=model, task="add " * 800)
    assert 64 <= model.calls[0].max_tokens < 400
    assert model.count_tokens(model.prompts[0]) + model.calls[0].max_tokens <= 1024


@pytest.mark.parametrize("reply", ["", "```python\n```", "I am sorry, but I can not do that."])
def test_an_answer_without_code_is_an_error_and_no_empty_page(reply):
    with pytest.raises(ToolError, match="gave no code"):
        run(write_code, model=ScriptedModel(reply), task=TASK)


def test_a_canceled_job_stops_and_adds_no_note():
    result = run(write_code, model=ScriptedModel(BROKEN), task=TASK, cancel_after=3)
    assert result.canceled
    assert "Note" not in result.output


def test_the_three_examples_run_as_they_are():
    assert len(write_code.examples) == 3
    for example in write_code.examples:
        assert run(write_code, example.input, model=base_model(ADD)).output == ADD
