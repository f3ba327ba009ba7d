"""Running a tool: what it may give, and what happens when it is stopped."""

import json
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from gptstore.sdk import Canceled, Context, InputError, Tool, ToolError, ToolOutputError, tool
from gptstore.sdk.execute import run_tool
from gptstore.sdk.testing import ScriptedContext


def giving(result: Any) -> Tool:
    @tool(summary="Gives what it was made with.")
    def give(ctx: Context) -> Any:
        return result

    return give


def pieces(tool_: Tool, **data: Any) -> list[str]:
    return list(run_tool(tool_, data, ScriptedContext()))


class Answer(BaseModel):
    city: str
    sizes: list[int]


def test_a_text_is_one_piece() -> None:
    assert pieces(giving("Grüße, 世界")) == ["Grüße, 世界"]


def test_an_empty_text_is_no_piece() -> None:
    assert pieces(giving("")) == []


def test_an_iterator_gives_its_pieces_and_leaves_out_empty_ones() -> None:
    assert pieces(giving(iter(["a", "", "b"]))) == ["a", "b"]


def test_a_generator_function_gives_what_it_yields() -> None:
    @tool
    def count(ctx: Context, to: int) -> Iterator[str]:
        """Count."""
        for number in range(to):
            yield str(number)

    assert pieces(count, to=3) == ["0", "1", "2"]


def test_a_model_becomes_readable_json() -> None:
    (text,) = pieces(giving(Answer(city="Zürich", sizes=[1])))

    assert text == '{\n  "city": "Zürich",\n  "sizes": [\n    1\n  ]\n}'
    assert json.loads(text) == {"city": "Zürich", "sizes": [1]}


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (None, "None"),
        (3, "a value of type int"),
        (b"bytes", "a value of type bytes"),
        (["a", "b"], "a value of type list"),
        ({"a": "b"}, "a value of type dict"),
        (Answer, "a value of type ModelMetaclass"),
    ],
)
def test_any_other_result_is_an_error_with_the_tool_and_the_type(result: Any, name: str) -> None:
    with pytest.raises(ToolOutputError, match=f"tool give returned {name}; return a str, yield str"):
        pieces(giving(result))


@pytest.mark.parametrize(("piece", "name"), [(None, "None"), (1, "int"), (Answer(city="", sizes=[]), "Answer")])
def test_a_piece_that_is_no_text_is_an_error_after_what_came_before(piece: Any, name: str) -> None:
    running = run_tool(giving(iter(["first", piece])), {}, ScriptedContext())

    assert next(running) == "first"
    with pytest.raises(ToolOutputError, match=f"tool give yielded .*{name}"):
        next(running)


def test_a_generator_that_also_returns_a_value_is_an_error_because_the_value_would_be_lost() -> None:
    @tool
    def confused(ctx: Context) -> Generator[str, None, str]:
        """Yield and return."""
        yield "a"
        return "b"

    with pytest.raises(ToolOutputError, match="tool confused yields and also returns a value, which is lost"):
        pieces(confused)


def test_a_generator_of_somebody_else_may_return_what_it_likes() -> None:
    def helper() -> Generator[str, None, str]:
        yield "a"
        return "the whole text"

    assert pieces(giving(helper())) == ["a"]


def test_a_model_that_is_no_json_is_an_error_of_the_tool() -> None:
    with pytest.raises(ToolOutputError, match="tool give returned a value of type Answer that is no JSON"):
        pieces(giving(Answer.model_construct(city="\ud800", sizes=[])))


def test_what_no_database_can_hold_is_taken_out() -> None:
    assert pieces(giving(iter(["a\x00b", "\x00", "\ud83d", "c\udc00d", "😀"]))) == ["ab", "cd", "😀"]


def test_the_input_is_checked_before_anything_runs() -> None:
    started = []

    @tool
    def greet(ctx: Context, name: str) -> str:
        """Greet."""
        started.append(name)
        return name

    with pytest.raises(InputError):
        run_tool(greet, {"nam": "Ada"}, ScriptedContext())
    assert started == []


@pytest.mark.parametrize("error", [ToolError("Too long."), Canceled(), ZeroDivisionError("bug"), KeyboardInterrupt()])
def test_what_a_tool_raises_comes_through_as_it_is(error: BaseException) -> None:
    @tool
    def fail(ctx: Context) -> Iterator[str]:
        """Fail."""
        yield "before"
        raise error

    running = run_tool(fail, {}, ScriptedContext())

    assert next(running) == "before"
    with pytest.raises(type(error)) as raised:
        next(running)
    assert raised.value is error


def test_closing_the_run_closes_the_generator_of_the_tool() -> None:
    closed = []

    @tool
    def endless(ctx: Context) -> Iterator[str]:
        """Never end."""
        try:
            while True:
                yield "more"
        finally:
            closed.append(True)

    running = run_tool(endless, {}, ScriptedContext())
    assert next(running) == "more"

    running.close()

    assert closed == [True]


def test_a_generator_is_closed_even_while_somebody_else_still_holds_it() -> None:
    closed = []

    def endless() -> Iterator[str]:
        try:
            while True:
                yield "more"
        finally:
            closed.append(True)

    held = endless()
    running = run_tool(giving(held), {}, ScriptedContext())
    next(running)

    running.close()

    assert closed == [True]


def test_an_iterator_needs_no_close() -> None:
    running = run_tool(giving(map(str, range(9))), {}, ScriptedContext())

    assert next(running) == "0"
    running.close()


def test_canceled_is_not_caught_by_except_exception() -> None:
    @tool
    def stubborn(ctx: Context) -> Iterator[str]:
        """Try again and again."""
        while True:
            try:
                yield from ctx.model.stream("again")
            except Exception:
                yield "error"

    ctx = ScriptedContext()
    running = run_tool(stubborn, {}, ctx)
    ctx.cancel()

    with pytest.raises(Canceled):
        next(running)
