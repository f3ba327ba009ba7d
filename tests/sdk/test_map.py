"""Many prompts in one call, and answers that are asked for again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import BaseModel

from gptstore.sdk import AnswerError, Canceled, Context, ParameterError, PromptTemplate, ToolError, tool
from gptstore.sdk.call import Call
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run


class Number(BaseModel):
    value: int


def echo(prompt: Any) -> str:
    return f"<{prompt}>"


class ClosingModel(ScriptedModel):
    """Counts the answers that were begun and ended, so that none is left."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.open = 0

    def answer(self, call: Call) -> Iterator[str]:
        pieces = Counted(self, super().answer(call))
        self.open += 1
        return pieces


class Counted(Iterator[str]):
    def __init__(self, model: ClosingModel, pieces: Iterator[str]) -> None:
        self.model, self.pieces, self.is_open = model, pieces, True

    def __next__(self) -> str:
        try:
            return next(self.pieces)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        self.model.open -= self.is_open
        self.is_open = False


def test_answers_come_in_the_order_of_the_prompts() -> None:
    assert [*ScriptedModel(echo).map(["a", "b", "c"])] == ["<a>", "<b>", "<c>"]
    assert [*ScriptedModel(["1", "2", "3"]).map(["a", "b", "c"], at_once=2)] == ["1", "2", "3"]
    assert [*ScriptedModel(echo).map([])] == []


def test_prompts_are_read_as_there_is_room_for_more() -> None:
    read: list[int] = []

    def prompts() -> Iterator[str]:
        for number in range(100):
            read.append(number)
            yield f"{number}"

    answers = ScriptedModel(echo).map(prompts(), at_once=3)
    assert read == []
    next(answers)
    assert read == [0, 1, 2]
    next(answers)
    assert read == [0, 1, 2, 3]


def test_answers_have_the_form_of_parse_or_of_choose() -> None:
    model = ScriptedModel(['{"value": 1}', '{"value": 2}', "yes", "no"])

    assert [number.value for number in model.map(["a", "b"], parse=Number, max_tokens=9)] == [1, 2]
    assert [*model.map(["c", "d"], choose=["yes", "no"])] == ["yes", "no"]

    assert [call.schema for call in model.calls] == [Number.model_json_schema()] * 2 + [None] * 2
    assert [call.max_tokens for call in model.calls] == [9, 9, None, None]
    assert [call.choices for call in model.calls] == [()] * 2 + [("yes", "no")] * 2
    assert model.calls[2].temperature == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"at_once": 0}, ParameterError, "at_once must be a whole number between 1 and 32, not 0"),
        ({"at_once": 33}, ParameterError, "between 1 and 32"),
        ({"at_once": True}, ParameterError, "at_once"),
        ({"attempts": 0}, ParameterError, "attempts must be a whole number between 1 and 10"),
        ({"parse": Number, "choose": ["a"]}, TypeError, "parse= or choose=, not both"),
        ({"choose": []}, TypeError, "one or more texts"),
        ({"temprature": 1}, TypeError, "takes no 'temprature'"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(options: dict[str, Any], error: type[Exception], message: str) -> None:
    model = ScriptedModel(echo)
    with pytest.raises(error, match=message):
        model.map(["a"], **options)
    with pytest.raises(TypeError, match="a list of prompts"):
        model.map("a prompt")
    assert model.calls == []


def test_an_error_comes_in_its_turn_and_ends_the_others() -> None:
    model = ClosingModel(lambda prompt: '{"value": 1}' if prompt != "c" else "none")
    answers = model.map(["a", "b", "c", "d", "e"], parse=Number, at_once=4)

    assert [next(answers).value, next(answers).value] == [1, 1]
    with pytest.raises(AnswerError, match="Number"):
        next(answers)
    assert model.open == 0
    assert [*answers] == []


def test_a_prompt_that_no_model_takes_fails_in_its_turn() -> None:
    answers = ScriptedModel(echo, context_length=5).map(["a", "b c d e f g h", "i"])

    assert next(answers) == "<a>"
    with pytest.raises(ToolError, match="The prompt has 7 tokens"):
        next(answers)


def test_answers_end_when_nobody_reads_them_any_more() -> None:
    model = ClosingModel(echo)
    answers = model.map(["a", "b", "c", "d"])
    next(answers)
    assert model.open == 3
    del answers
    assert model.open == 0


def test_prompts_that_raise_end_the_answers() -> None:
    model = ClosingModel(echo)

    def prompts() -> Iterator[str]:
        yield "a"
        raise KeyError("no more")

    with pytest.raises(KeyError):
        next(model.map(prompts()))
    assert model.open == 0


def test_a_canceled_job_gets_no_more_answers() -> None:
    ctx = ScriptedContext(ScriptedModel(echo))
    answers = ctx.model.map(["a", "b", "c"])
    assert next(answers) == "<a>"

    ctx.cancel()

    with pytest.raises(Canceled):
        next(answers)


def test_an_answer_that_does_not_fit_is_asked_for_again() -> None:
    ctx = ScriptedContext(ScriptedModel(["no", "nor this", '{"value": 3}']))

    assert ctx.model.parse(Number, "a", attempts=3, seed=5, temperature=0).value == 3

    model: Any = ctx.model
    assert [(call.seed, call.temperature) for call in model._model.calls] == [(5, 0), (6, 0.5), (7, 0.5)]
    assert [line.rpartition(". ")[2] for line in ctx.logs] == [
        "Asking the model again: attempt 2 of 3.",
        "Asking the model again: attempt 3 of 3.",
    ]


def test_the_last_attempt_says_why_it_failed() -> None:
    model = ScriptedModel(["no", '{"value": "x"}', '{"value": 1}'])

    with pytest.raises(AnswerError, match="value") as raised:
        model.parse(Number, "a", attempts=2)

    assert raised.value.answer == '{"value": "x"}'
    assert [call.seed for call in model.calls] == [None, None]


def test_one_of_many_is_asked_for_again_in_its_turn() -> None:
    replies = ['{"value": 1}', "no", '{"value": 3}', '{"value": 2}']
    model = ScriptedModel(replies)

    assert [number.value for number in model.map(["a", "b", "c"], parse=Number, attempts=2)] == [1, 2, 3]
    assert model.prompts == ["a", "b", "c", "b"]


def test_a_tool_may_ask_from_threads() -> None:
    model = ScriptedModel([f"{number}" for number in range(200)])
    with ThreadPoolExecutor(8) as threads:
        assert sorted(map(int, threads.map(model.complete, ["a"] * 200))) == [*range(200)]


def test_a_template_asks_about_many_texts() -> None:
    template = PromptTemplate(system="Shout.", completion=lambda text: f"{text}:", stop="\n", max_tokens=5)
    base, chat = ScriptedModel(echo, is_chat=False), ScriptedModel("x")

    assert [*template.map(base, ["a", "b"], temperature=0.5)] == ["<a:>", "<b:>"]
    assert [*template.map(chat, ["a"], max_tokens=2)] == ["x"]

    assert [(call.max_tokens, call.stop, call.temperature) for call in base.calls] == [(5, ("\n",), 0.5)] * 2
    assert (chat.calls[0].max_tokens, chat.calls[0].stop) == (2, ())


@tool
def in_time(ctx: Context) -> str:
    """Say how much time there is."""
    return f"{ctx.seconds_left}"


def test_a_tool_knows_the_time_that_a_test_gives_it() -> None:
    assert run(in_time).output == "None"
    assert run(in_time, ctx=ScriptedContext(seconds_left=2.5)).output == "2.5"
