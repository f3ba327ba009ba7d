"""The scripted model and `run`, which authors test their tools with."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptstore.sdk import Canceled, Context, InputError, Message, ToolError, tool
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run


@tool
def ask(ctx: Context, question: str, times: int = 1) -> Iterator[str]:
    """Ask the model."""
    for time in range(times):
        ctx.progress(time, times, "asking")
        ctx.log(f"question {time}")
        yield from ctx.model.stream(question, max_tokens=50, stop="\n\n", temperature=0.1)


def test_a_run_tells_all_that_the_tool_did() -> None:
    done = run(ask, question="Why?", times=2, model=ScriptedModel(["Because of rain.", " Or snow."]))

    assert done.output == "Because of rain. Or snow."
    assert done.pieces == ["Because", " of", " rain", ".", " Or", " snow", "."]
    assert done.logs == ["question 0", "question 1"]
    assert done.progress == [(0, 2, "asking"), (1, 2, "asking")]
    assert done.progress[0].message == "asking"
    assert done.prompts == ["Why?", "Why?"]
    assert not done.canceled


def test_the_model_remembers_the_parameters_of_each_call() -> None:
    model = ScriptedModel("Yes.")

    run(ask, question="Really?", model=model)

    (call,) = model.calls
    assert (call.prompt, call.max_tokens, call.stop, call.temperature, call.seed) == (
        "Really?",
        50,
        ("\n\n",),
        0.1,
        None,
    )


def test_replies_can_come_from_a_function_of_the_prompt() -> None:
    assert run(ask, question="echo", model=ScriptedModel(lambda prompt: prompt.upper())).output == "ECHO"


def test_one_text_answers_every_call() -> None:
    assert run(ask, question="Again?", times=3, model=ScriptedModel("No. ")).output == "No. No. No. "


def test_a_script_that_is_too_short_says_so() -> None:
    with pytest.raises(AssertionError, match=r"asked the model 2 times, but the script has 1 replies.*'Why\?'"):
        run(ask, question="Why?", times=2, model=ScriptedModel(["Once."]))


@pytest.mark.parametrize(
    ("stop", "answer"),
    [
        (None, "one two\nthree two"),
        ("two", "one "),
        (["three", "\n"], "one two"),
        (["zzz", "q"], "one two\nthree two"),
    ],
)
def test_the_answer_ends_before_the_first_stop_string(stop: str | list[str] | None, answer: str) -> None:
    assert ScriptedModel("one two\nthree two").complete("go", stop=stop) == answer


def test_the_answer_has_at_most_max_tokens_and_what_the_context_leaves() -> None:
    assert ScriptedModel("one two three").complete("go", max_tokens=2) == "one two"
    assert ScriptedModel("one two three", context_length=3).complete("go") == "one two"


def test_a_prompt_longer_than_the_context_fails_as_it_would_in_the_store() -> None:
    with pytest.raises(ToolError, match="The prompt has 5 tokens, the model takes 5"):
        ScriptedModel("x", context_length=5).stream("one two three four five")


def test_messages_are_for_chat_models_only() -> None:
    messages: list[Message] = [{"role": "user", "content": "Hello there"}]

    assert ScriptedModel("Hi!").complete(messages) == "Hi!"
    assert ScriptedModel().count_tokens(messages) > ScriptedModel().count_tokens("Hello there")
    with pytest.raises(ToolError, match="no chat template"):
        ScriptedModel("Hi!", is_chat=False).stream(messages)


def test_a_recorded_prompt_does_not_change_with_the_list_that_it_was() -> None:
    model = ScriptedModel("Hi!")
    messages: list[Message] = [{"role": "user", "content": "Hello"}]
    model.complete(messages)

    messages.append({"role": "assistant", "content": "Hi!"})

    assert model.prompts == [[{"role": "user", "content": "Hello"}]]


def test_long_words_are_several_tokens() -> None:
    assert ScriptedModel().count_tokens("a" * 100) > 10
    assert ScriptedModel().count_tokens("中" * 100) > 10
    assert ScriptedModel().count_tokens("") == 0


def test_canceling_stops_the_model_at_the_next_piece_and_keeps_the_output() -> None:
    done = run(ask, question="Count!", model=ScriptedModel("one two three four"), cancel_after=2)

    assert done.canceled
    assert done.output == "one two"


def test_a_tool_can_clean_up_when_it_is_canceled() -> None:
    cleaned = []

    @tool
    def careful(ctx: Context) -> Iterator[str]:
        """Clean up."""
        try:
            yield from ctx.model.stream("go")
        finally:
            cleaned.append(ctx.canceled)

    assert run(careful, model=ScriptedModel("one two three"), cancel_after=1).canceled
    assert cleaned == [True]


def test_a_tool_that_looks_at_canceled_may_end_by_itself() -> None:
    @tool
    def polite(ctx: Context) -> Iterator[str]:
        """Count until canceled."""
        for number in range(100):
            if ctx.canceled:
                return
            yield str(number)

    done = run(polite, cancel_after=3)

    assert (done.output, done.canceled) == ("012", True)


def test_nothing_that_a_tool_gives_after_cancel_is_shown() -> None:
    closed = []

    @tool
    def deaf(ctx: Context) -> Iterator[str]:
        """Never listen."""
        try:
            while True:
                yield "more "
        finally:
            closed.append(True)

    done = run(deaf, cancel_after=2)

    assert (done.output, done.canceled, closed) == ("more more ", True, [True])


def test_a_canceled_context_refuses_every_call() -> None:
    ctx = ScriptedContext(ScriptedModel("Hi!"))
    ctx.cancel()

    for call in (ctx.model.stream, ctx.model.complete, ctx.model.count_tokens, ctx.log):
        with pytest.raises(Canceled):
            call("Hello")
    with pytest.raises(Canceled):
        ctx.progress(1, 2)


def test_a_context_of_your_own_can_be_looked_at_afterwards() -> None:
    ctx = ScriptedContext(ScriptedModel("Hi!"))

    done = run(ask, question="Hello", ctx=ctx)

    assert (done.output, ctx.logs, ctx.prompts) == ("Hi!", ["question 0"], ["Hello"])
    assert ctx.model.name == "scripted"
    with pytest.raises(TypeError, match="not both"):
        run(ask, question="Hello", ctx=ctx, model=ScriptedModel("Hi!"))


def test_the_input_is_checked_as_in_the_store() -> None:
    with pytest.raises(InputError, match="question: This field is required"):
        run(ask)


def test_inputs_may_be_named_like_the_arguments_of_run() -> None:
    @tool
    def describe(ctx: Context, model: str, tool: str) -> str:
        """Describe."""
        return f"{model} {tool}"

    assert run(describe, {"model": "Model T"}, tool="spanner").output == "Model T spanner"


def test_errors_of_the_tool_reach_the_test() -> None:
    @tool
    def refuse(ctx: Context) -> str:
        """Refuse."""
        raise ToolError("Not today.")

    with pytest.raises(ToolError, match="Not today") as raised:
        run(refuse)
    assert raised.value.message == "Not today."


def test_it_works_in_plain_pytest_without_the_project_around_it(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "from gptstore.sdk import Context, tool\n"
        "from gptstore.sdk.testing import ScriptedModel, run\n\n"
        "@tool\ndef mine(ctx: Context, text: str) -> str:\n    'Mine.'\n    return ctx.model.complete(text)\n\n"
        "def test_mine():\n    assert run(mine, text='a', model=ScriptedModel(['b'])).output == 'b'\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", str(tmp_path)]

    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=100, check=False
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr
