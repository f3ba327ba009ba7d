"""What `@tool` makes of a function."""

from typing import Annotated, Any, Literal, get_args

import pytest

from gptstore.sdk import Context, Example, Field, Tool, ToolDefinitionError, tool
from gptstore.sdk.limits import LIMITS, LimitKind
from gptstore.sdk.output import OutputKind, OutputName
from gptstore.sdk.tools import ToolOptions


def test_a_bare_decorator_takes_everything_from_the_function() -> None:
    @tool
    def tidy_notes(ctx: Context, notes: str) -> str:
        """Tidy
        up notes.

        Headings are kept.

        So are lists.
        """
        return notes

    assert isinstance(tidy_notes, Tool)
    assert (tidy_notes.slug, tidy_notes.title) == ("tidy-notes", "Tidy notes")
    assert tidy_notes.summary == "Tidy up notes."
    assert tidy_notes.description == "Headings are kept.\n\nSo are lists."
    assert (tidy_notes.category, tidy_notes.tags, tidy_notes.output) == ("writing", (), "text")


def test_what_the_decorator_says_comes_first() -> None:
    @tool(
        title="Notes",
        slug="notes-2",
        summary="In a word.",
        category="office",
        tags=["short", "quick"],
        output="markdown",
    )
    def tidy(ctx: Context) -> str:
        """Ignored."""
        return ""

    assert (tidy.slug, tidy.title, tidy.summary, tidy.category) == ("notes-2", "Notes", "In a word.", "office")
    assert (tidy.tags, tidy.output) == (("short", "quick"), "markdown")


def test_a_summary_does_not_need_a_docstring() -> None:
    @tool(summary="Says hello.")
    def hello(ctx: Context) -> str:
        return "hello"

    assert (hello.summary, hello.description) == ("Says hello.", "")


def test_a_tool_is_still_its_function(scripted_context: Context) -> None:
    @tool
    def add(ctx: Context, a: int, b: int = 2) -> str:
        """Add."""
        return str(a + b)

    assert add(scripted_context, 1) == "3"
    assert add(scripted_context, a=1, b=1) == "2"
    assert (add.__name__, add.__doc__, add.__module__) == ("add", "Add.", __name__)


@pytest.fixture
def scripted_context() -> Context:
    from gptstore.sdk.testing import ScriptedContext

    return ScriptedContext()


def test_examples_can_be_dicts_and_hold_enum_free_json() -> None:
    from enum import Enum

    class Tone(Enum):
        WARM = "warm"

    @tool(examples=[{"title": "One", "input": {"tone": "warm"}}, Example("Two", {"tone": Tone.WARM})])
    def write(ctx: Context, tone: Tone) -> str:
        """Write."""
        return tone.value

    assert write.examples == (Example("One", {"tone": "warm"}), Example("Two", {"tone": "warm"}))


def test_code_has_a_fixed_language_or_an_input_that_holds_it() -> None:
    @tool(output="code", language="python")
    def fixed(ctx: Context) -> str:
        """Write Python."""
        return ""

    @tool(output="code", language_input="language")
    def chosen(ctx: Context, language: Literal["python", "rust"] = "python") -> str:
        """Write code."""
        return ""

    assert (fixed.language, fixed.language_input) == ("python", None)
    assert (chosen.language, chosen.language_input) == (None, "language")


@pytest.mark.parametrize(("limit", "kind"), LIMITS.items())
def test_a_tool_may_say_how_much_a_run_may_take(limit: str, kind: LimitKind) -> None:
    assert getattr(declare(), limit) is None
    assert getattr(declare(**{limit: kind.least}), limit) == kind.least


def test_an_option_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match=r"@tool takes no sumary=; it takes title, slug, summary, "):
        tool(sumary="A tool.")  # type: ignore[call-overload]


def test_every_limit_is_an_option() -> None:
    assert LIMITS.keys() <= ToolOptions.__annotations__.keys()


def test_type_checkers_read_the_same_kinds_of_output() -> None:
    assert get_args(OutputName) == tuple(OutputKind)


def declare(**options: Any) -> Tool:
    @tool(**{"summary": "A tool.", **options})
    def my_tool(ctx: Context, text: str, number: int = 1, note: str | None = None, level: Literal[1, 2] = 1) -> str:
        return text

    return my_tool


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"slug": "My Tool"}, "slug 'My Tool' must be lower-case"),
        ({"slug": "a--b"}, "slug 'a--b' must be"),
        ({"slug": "x" * 51}, "at most 50"),
        ({"title": " "}, "title must have 1 to 80 characters"),
        ({"title": "x" * 81}, "title must have"),
        ({"summary": ""}, "a summary is missing; write a docstring, or give summary="),
        ({"summary": "x" * 301}, "summary has 301 characters, at most 300"),
        ({"category": "Fun stuff"}, "category 'Fun stuff'"),
        ({"tags": "fun"}, "tags must be a list of texts"),
        ({"tags": [""]}, "tags must be a list of texts"),
        ({"tags": [1]}, "tags must be a list of texts"),
        ({"output": "html"}, "output='html' is not supported; choose one of text, markdown, code, json"),
        ({"max_seconds": 0}, "max_seconds=0 must be a whole number of seconds, 1 or more"),
        ({"max_seconds": -5}, "max_seconds=-5 must be"),
        ({"max_seconds": 1.5}, "max_seconds=1.5 must be"),
        ({"max_seconds": True}, "max_seconds=True must be"),
        ({"max_seconds": "60"}, "max_seconds='60' must be"),
        ({"max_memory_mb": 15}, "max_memory_mb=15 must be a whole number of megabytes, 16 or more"),
        ({"max_output_bytes": 0}, "max_output_bytes=0 must be a whole number of bytes, 1 or more"),
        ({"max_model_tokens": 1e6}, "max_model_tokens=1000000.0 must be a whole number of tokens, 1 or more"),
        ({"network": "yes"}, "network='yes' must be True or False"),
        ({"max_log_lines": -1}, "max_log_lines=-1 must be a whole number of lines, 1 or more"),
        ({"output": "code"}, 'output="code" needs language='),
        ({"output": "code", "language": "python", "language_input": "text"}, "not both"),
        ({"output": "code", "language_input": "lang"}, "'lang' is not the name of a parameter"),
        ({"output": "code", "language_input": "number"}, "'number' must name a str or a choice of texts"),
        ({"output": "code", "language_input": "note"}, "not optional"),
        ({"output": "code", "language_input": "level"}, "choice of texts"),
        ({"language": "python"}, 'language= is for output="code" only'),
        ({"language_input": "text"}, 'language_input= is for output="code" only'),
        ({"examples": [{"title": "x"}]}, "needs the keys title and input, not title"),
        ({"examples": [Example("", {"text": "a"})]}, "an example needs a title"),
        (
            {"examples": [Example("Short", {})]},
            "the example 'Short' does not fit the parameters: text: This field is required",
        ),
        (
            {"examples": [Example("Odd", {"text": "a", "txt": "b"})]},
            "txt: There is no such field. Known fields: text, number, note, level.",
        ),
        ({"examples": ["hello"]}, "an example is an Example(title, input)"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        declare(**options)

    assert problem in str(raised.value)
    assert str(raised.value).startswith("tool ")


@pytest.mark.parametrize("thing", [lambda: "x", print, "text", type("Callable", (), {"__call__": lambda self: ""})()])
def test_only_a_named_function_can_be_a_tool(thing: Any) -> None:
    with pytest.raises(ToolDefinitionError):
        tool(thing)


def test_a_function_without_a_docstring_needs_a_summary() -> None:
    with pytest.raises(ToolDefinitionError, match="tool silent: a summary is missing"):

        @tool(title="Silent")
        def silent(ctx: Context) -> str:
            return ""


def test_inputs_may_have_names_that_pydantic_uses_itself() -> None:
    @tool
    def convert(
        ctx: Context, schema: str, copy: Annotated[str, Field(min_length=2)], model_config: int = 1, json: bool = False
    ) -> str:
        """Convert."""
        return f"{schema} {copy} {model_config} {json}"

    assert list(convert.input_schema["properties"]) == ["schema", "copy", "model_config", "json"]
    assert convert.check_input({"schema": "s", "copy": "cc", "json": True}) == {
        "schema": "s",
        "copy": "cc",
        "model_config": 1,
        "json": True,
    }
