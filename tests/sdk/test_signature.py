"""Which parameters a tool may have, and what the error says about the others."""

import inspect
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum, Flag, IntEnum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, Optional, Union

import pydantic
import pytest

from gptstore.sdk import Context, Field, LongText, Tool, ToolDefinitionError, tool


class Tone(Enum):
    WARM = "warm"
    COOL = "cool"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    A = "a"
    B = 2


class Rights(Flag):
    READ = 1


class Nothing(Enum):
    pass


class Address(pydantic.BaseModel):
    city: Annotated[str, Field(min_length=1)]
    days: list[Tone] = []


def declare(annotation: Any, default: Any = inspect.Parameter.empty) -> Tool:
    """A tool `sample` with one parameter, `value`."""

    def sample(ctx: Context, value: Any) -> str:
        """A sample."""
        return str(value)

    sample.__annotations__["value"] = annotation
    if default is not inspect.Parameter.empty:
        sample.__defaults__ = (default,)
    return tool(sample)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (str, "a"),
        (LongText, "a\nb"),
        (int, 3),
        (float, 0.5),
        (bool, True),
        (Literal["a", "b"], "b"),
        (Literal[1, 2], 2),
        (Tone, Tone.COOL),
        (Level, Level.HIGH),
        (list[str], ["a", "b"]),
        (str | None, "a"),
        (Optional[int], None),  # noqa: UP045
        (Union[LongText, None], "a"),  # noqa: UP007
        (Tone | None, None),
        (list[str] | None, ["a"]),
        (Literal["a", None], None),
        (Annotated[str, Field(min_length=1)] | None, "a"),
        (Annotated[list[str], Field(examples=[["a"], ["b"]])] | None, ["a"]),
        (date, date(2026, 2, 28)),
        (date | None, None),
        (list[Literal["a", "b"]], ["b", "a"]),
        (list[Tone], [Tone.COOL]),
        (list[Level] | None, [Level.HIGH, Level.LOW]),
        (Annotated[list[Tone], Field(min_length=1, group="More")], [Tone.COOL]),
        (Address, Address(city="Rome")),
        (Address | None, None),
        (Annotated[Annotated[int, Field(ge=1)], Field(le=3)], 2),
    ],
)
def test_a_supported_type_takes_its_values_as_default_and_as_input(annotation: Any, value: Any) -> None:
    assert declare(annotation, value).check_input({}) == {"value": value}
    assert declare(annotation).check_input({"value": value}) == {"value": value}


def test_an_optional_input_needs_no_default() -> None:
    assert declare(str | None).check_input({}) == {"value": None}


@pytest.mark.parametrize(
    "annotation",
    [
        datetime, list[date], list[Annotated[Tone, Field(title="a")]], list[Tone | None], list[Address],
        pydantic.RootModel[int],
        bytes, dict, dict[str, int], list, list[int], list[LongText], tuple[str, ...], set[str], Sequence[str], Any,
        object, None, Path, Context, str | int, int | str | None, Callable[[int], int], Rights, Nothing, Mixed,
        Literal[b"a"], Literal[True], Literal[1, "a"], Literal[1, True], Literal[None], Annotated[str, "a note"],
        Annotated[str, pydantic.Field(min_length=1)], pydantic.BaseModel, Iterator[str],
    ],
    ids=str,
)  # fmt: skip
def test_an_unsupported_type_names_tool_and_parameter_and_says_what_is_supported(annotation: Any) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        declare(annotation)

    message = str(raised.value)
    assert message.startswith("tool sample, parameter 'value': ")
    assert "Supported are str, LongText, int, float, bool, Literal[...] and Enum" in message


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Annotated[str, pydantic.Field(min_length=1)], "use Field from gptstore.sdk instead of pydantic's"),
        (dict[str, int], "the type dict[str, int] is not supported"),
        (Mixed, "the choices 'a', 2 are neither all texts nor all whole numbers"),
        (Nothing, "no values to choose from"),
        (str | int, "mixes several types"),
        (Rights, "flags are not supported"),
    ],
)
def test_the_error_says_what_is_wrong_with_the_type(annotation: Any, problem: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        declare(annotation)

    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Annotated[str, Field(ge=1)], "Field(ge=…) fits int, float, not str"),
        (Annotated[int, Field(max_length=1)], "fits str, list[str], lists of choices, Messages, not int"),
        (Annotated[list[str], Field(pattern="a")], "Field(pattern=…) fits str, not list[str]"),
        (Annotated[bool, Field(placeholder="a")], "fits str, int, float, list[str], Messages, not bool"),
        (Annotated[Literal["a"], Field(min_length=1)], "not choices"),
        (Annotated[str, Field(min_length=-1)], "Field(min_length=-1) must be a whole number, 0 or more"),
        (Annotated[str, Field(max_length=1.5)], "Field(max_length=1.5) must be a whole number"),  # type: ignore[arg-type]
        (Annotated[int, Field(ge=0.5)], "Field(ge=0.5) must be a whole number"),
        (Annotated[float, Field(le="9")], "Field(le='9') must be a number"),  # type: ignore[arg-type]
        (Annotated[int, Field(ge=5, le=2)], "no value fits Field(ge=5, le=2)"),
        (Annotated[int, Field(gt=2, lt=2)], "no value fits Field(gt=2, lt=2)"),
        (Annotated[str, Field(min_length=3, max_length=2)], "no value fits"),
        (Annotated[str, Field(pattern="(")], "Field(pattern='(') is not a regular expression"),
        (Annotated[str, Field(title=3)], "Field(title=3) must be a text"),  # type: ignore[arg-type]
        (Annotated[str, Field(examples="abc")], "must be a list of values, not one text"),
        (Annotated[int, Field(examples=["a"])], "the example 'a' does not fit: This must be a whole number"),
        (Annotated[str, Field(max_length=2, examples=["abc"])], "does not fit: At most 2 characters; this has 3"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(annotation: Any, problem: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        declare(annotation)

    assert str(raised.value).startswith("tool sample, parameter 'value': ")
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("annotation", "default", "problem"),
    [
        (int, "3", "the default '3' does not fit: This must be a whole number"),
        (int, True, "the default True does not fit"),
        (str, None, "the default None needs an optional type, such as `str | None`"),
        (Literal["a", "b"], "c", "the default 'c' does not fit: Choose one of: a, b"),
        (Annotated[str, Field(pattern="^(?=a)")], "b", "This must match the pattern ^(?=a)"),
        (Annotated[int, Field(ge=5)], 4, "does not fit: At least 5"),
        (list[str], [1], "Entry 1: This must be a text"),
        (int, Field(ge=5), "write `name: Annotated[type, Field(…)] = default`"),
        (int, pydantic.Field(ge=5), "write `name: Annotated[type, Field(…)] = default`"),
        (float, float("nan"), "holds a character or a number that cannot be kept"),
    ],
)
def test_a_default_has_to_fit(annotation: Any, default: Any, problem: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        declare(annotation, default)

    assert problem in str(raised.value)


def test_a_list_as_default_is_a_new_one_in_each_run() -> None:
    sample = declare(list[str], ["a"])

    sample.check_input({})["value"].append("b")

    assert sample.check_input({}) == {"value": ["a"]}


def no_parameters() -> str:
    """Nothing."""
    return ""


def no_context(text: str) -> str:
    """No context."""
    return text


def bare_context(ctx, text: str) -> str:  # type: ignore[no-untyped-def]
    """No annotation."""
    return text


def context_by_name(*, ctx: Context) -> str:
    """Only by name."""
    return ""


def starred_context(*ctx: Context) -> str:
    """Starred."""
    return ""


@pytest.mark.parametrize("function", [no_parameters, no_context, bare_context, context_by_name, starred_context])
def test_the_context_has_to_come_first(function: Callable[..., str]) -> None:
    with pytest.raises(ToolDefinitionError, match="the first parameter must be the context") as raised:
        tool(function)

    assert f"def {function.__name__}(ctx: Context, …)" in str(raised.value)


def starred(ctx: Context, *texts: str) -> str:
    """Starred."""
    return ""


def double_starred(ctx: Context, **texts: str) -> str:
    """Starred."""
    return ""


def by_position(ctx: Context, text: str, /) -> str:
    """By position."""
    return ""


def bare(ctx: Context, text) -> str:  # type: ignore[no-untyped-def]
    """No annotation."""
    return ""


def hidden(ctx: Context, _text: str) -> str:
    """Underscore."""
    return ""


@pytest.mark.parametrize(
    ("function", "parameter", "problem"),
    [
        (starred, "texts", r"\*texts is not supported; name each input"),
        (double_starred, "texts", r"\*\*texts is not supported"),
        (by_position, "text", "positional-only is not supported"),
        (bare, "text", "a type annotation is missing"),
        (hidden, "_text", "must not start with an underscore"),
    ],
)
def test_a_parameter_that_no_form_can_fill_is_refused(
    function: Callable[..., str], parameter: str, problem: str
) -> None:
    with pytest.raises(ToolDefinitionError, match=f"parameter '{parameter}': .*{problem}"):
        tool(function)


def test_the_context_may_be_positional_and_inputs_may_go_by_name_only() -> None:
    @tool
    def strict(ctx: Context, /, *, text: str) -> str:
        """Strict."""
        return text

    assert list(strict.input_schema["properties"]) == ["text"]


async def asynchronous(ctx: Context) -> str:
    """Async."""
    return ""


async def asynchronous_generator(ctx: Context) -> AsyncIterator[str]:
    """Async."""
    yield ""


@pytest.mark.parametrize("function", [asynchronous, asynchronous_generator])
def test_async_functions_are_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(ToolDefinitionError, match="write `def` instead of `async def`"):
        tool(function)


def module_of(code: str) -> ModuleType:
    module = ModuleType("postponed")
    exec(textwrap.dedent(code), module.__dict__)  # noqa: S102
    return module


def test_postponed_annotations_are_evaluated_even_if_the_result_type_is_not_imported() -> None:
    module = module_of(
        """
        from __future__ import annotations
        from enum import Enum
        from typing import Annotated, Literal, TYPE_CHECKING
        from gptstore.sdk import Context, Field, LongText, tool

        if TYPE_CHECKING:
            from collections.abc import Iterator

        class Tone(Enum):
            WARM = "warm"

        @tool
        def postponed(
            ctx: Context, text: LongText, size: Annotated[int | None, Field(ge=1)] = None, tone: Tone = Tone.WARM,
            kind: Literal["a", "b"] = "a",
        ) -> Iterator[str]:
            "Postponed."
            yield text
        """
    )

    assert module.postponed.check_input({"text": "a", "tone": "warm"}) == {
        "text": "a",
        "size": None,
        "tone": module.Tone.WARM,
        "kind": "a",
    }


@pytest.mark.parametrize("name", ["Context", "LongText"])
def test_an_annotation_that_is_only_imported_for_type_checkers_is_explained(name: str) -> None:
    other = {"Context": "LongText", "LongText": "Context"}[name]
    with pytest.raises(ToolDefinitionError, match=f"annotation '{name}' can't be evaluated.*TYPE_CHECKING"):
        module_of(
            f"""
            from __future__ import annotations
            from gptstore.sdk import {other}, tool

            @tool
            def unseen(ctx: Context, text: LongText) -> str:
                "Unseen."
                return text
            """
        )
