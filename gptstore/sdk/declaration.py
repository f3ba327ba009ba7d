"""Checks an author's declaration in `@tool`, so that a mistake shows when the tool is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast, get_type_hints

from pydantic_core import to_jsonable_python

from gptstore.sdk.errors import InputError, ToolDefinitionError, Unsupported
from gptstore.sdk.file import File
from gptstore.sdk.icon import IconError, read_icon
from gptstore.sdk.limits import LIMITS, find_problem
from gptstore.sdk.output import OutputKind
from gptstore.sdk.text_limits import MAX_LANGUAGE, MAX_SLUG, MAX_SUMMARY, MAX_TITLE, is_slug
from gptstore.sdk.texts import Text, base_text

if TYPE_CHECKING:
    from gptstore.sdk.tools import Tool

CARD, DOCSTRING, EXAMPLE, ICON, SLUG = "card", "docstring", "example", "icon", "slug"
"""The rules that are checked here, as `gptstore.sdk.intake.rules` has them."""

_TEXTS: tuple[Any, ...] = (str, Iterator[str], Iterable[str], Generator[str, None, None])
"""What a function returns that gives a text."""

_SLUG_FORM = f"must be lower-case letters, digits and single hyphens, at most {MAX_SLUG}"


@dataclass(frozen=True)
class Example:
    """A worked example: a title, and an input that fills the form."""

    title: Text
    input: dict[str, Any]


def read_docstring(function: Callable[..., Any], summary: str | None) -> tuple[str, str]:
    """Return the summary as one line, and the description."""
    first, _, rest = (inspect.getdoc(function) or "").partition("\n\n")
    return " ".join((first if summary is None else summary).split()), rest.strip()


def check_declaration(tool: Tool) -> None:
    """Check the options that need no other. Raises ToolDefinitionError, as all checks here do."""
    _check_texts(tool)
    if not isinstance(tool.network, bool):
        _refuse(tool, CARD, f"network={tool.network!r} must be True or False")
    if isinstance(tool.tags, str) or not all(isinstance(tag, str) and tag.strip() for tag in tool.tags):
        _refuse(tool, CARD, 'tags must be a list of texts, such as tags=["short", "email"]')
    if tool.output not in [*OutputKind]:
        _refuse(tool, CARD, f"output={tool.output!r} is not supported", f"choose one of {', '.join(OutputKind)}")
    for name in LIMITS:
        if problem := find_problem(name, getattr(tool, name)):
            _refuse(tool, CARD, problem)


def read_declared_icon(tool: Tool) -> str:
    """Return the icon beside the function's module as a data URL; "" where the tool names none."""
    if not tool.icon:
        return ""
    if not isinstance(tool.icon, str):
        _refuse(tool, ICON, f"icon={tool.icon!r} must be the name of a file")
    try:
        return read_icon(Path(tool.function.__code__.co_filename).parent, tool.icon)
    except IconError as error:
        _refuse(tool, ICON, f"its icon {tool.icon} {error}")


def _check_texts(tool: Tool) -> None:
    if not is_slug(tool.slug):
        _refuse(tool, SLUG, f"the slug {tool.slug!r} {_SLUG_FORM}", "give one with slug=")
    if not tool.title.strip() or len(tool.title) > MAX_TITLE:
        _refuse(tool, CARD, f"the title must have 1 to {MAX_TITLE} characters")
    if not tool.summary:
        _refuse(tool, DOCSTRING, "a summary is missing", "write a docstring, or give summary=")
    if len(tool.summary) > MAX_SUMMARY:
        _refuse(
            tool,
            DOCSTRING,
            f"the summary has {len(tool.summary)} characters, at most {MAX_SUMMARY} fit",
            "keep the first paragraph of the docstring short, or give summary=",
        )
    if not is_slug(tool.category):
        _refuse(tool, CARD, f"the category {tool.category!r} {_SLUG_FORM}")


def check_output_kind(tool: Tool) -> None:
    """Check that code has its language and nothing else has one, and that the function can give this kind."""
    _check_result(tool)
    given = [name for name in ("language", "language_input") if getattr(tool, name) is not None]
    if tool.output != OutputKind.CODE:
        if given:
            _refuse(tool, CARD, f'{given[0]}= is for output="code" only', "leave it out")
        return
    if len(given) != 1:
        _refuse(
            tool,
            CARD,
            'output="code" needs language="python" (always the same), or language_input="…" '
            "(the name of the input that holds it), and not both",
        )
    if tool.language_input is None:
        if len(str(tool.language)) > MAX_LANGUAGE:
            _refuse(tool, CARD, f"language= has {len(str(tool.language))} characters, at most {MAX_LANGUAGE} fit")
        return
    named = [parameter for parameter in tool.parameters if parameter.name == tool.language_input]
    if not named:
        _refuse(tool, CARD, f"language_input={tool.language_input!r} is not the name of a parameter")
    is_choice = named[0].kind == "choice" and isinstance(named[0].choices[0], str)
    texts = named[0].kind == "string" or is_choice
    if not texts or named[0].optional:
        _refuse(
            tool, CARD, f"language_input={tool.language_input!r} must name a str or a choice of texts, not optional"
        )


def _check_result(tool: Tool) -> None:
    """Check what the function says that it returns, as far as it says so."""
    if tool.output == OutputKind.FILE and inspect.isgeneratorfunction(tool.function):
        _refuse(tool, CARD, 'output="file" is one file, and a function that yields gives many', "return a File")
    returned = tool.function.__annotations__.get("return")
    if isinstance(returned, str):
        try:
            returned = get_type_hints(tool.function)["return"]
        except Exception:  # names for type checkers only: the run itself tells
            return
    is_file = isinstance(returned, type) and issubclass(returned, File)
    if is_file != (tool.output == OutputKind.FILE) and (is_file or returned in _TEXTS):
        _refuse(
            tool, CARD, f'it returns {show_result(returned)}, and output="file" is for a File', "change one of them"
        )
    if tool.output == OutputKind.TABLE and returned in _TEXTS:
        _refuse(tool, CARD, f'output="table" needs rows, and it gives {show_result(returned)}', "yield dicts")


def check_example(tool: Tool, example: object) -> Example:
    """Return the example as an `Example`, its input as JSON, when that fits the tool."""
    if isinstance(example, Mapping):
        if set(example) != {"title", "input"}:
            keys = ", ".join(map(str, example)) or "none"
            _refuse(tool, EXAMPLE, f"an example needs the keys title and input, not {keys}")
        example = Example(example["title"], example["input"])
    if not isinstance(example, Example):
        _refuse(tool, EXAMPLE, f"an example is an Example(title, input) or a dict with these keys, not {example!r}")
    try:
        title = base_text(example.title)
    except Unsupported as error:
        _refuse(tool, EXAMPLE, f"the title of an example: {error}")
    if not isinstance(title, str) or not title.strip():
        _refuse(tool, EXAMPLE, "an example needs a title")
    try:
        tool.check_input(example.input)
    except InputError as error:
        _refuse(tool, EXAMPLE, f"the example {title!r} does not fit the parameters: {error}")
    return Example(title, cast(dict[str, Any], to_jsonable_python(dict(example.input), fallback=File.to_json)))


def show_result(returned: Any) -> str:
    return returned.__name__ if isinstance(returned, type) else str(returned).replace("collections.abc.", "")


def _refuse(tool: Tool, rule: str, problem: str, mend: str = "") -> NoReturn:
    raise ToolDefinitionError(f"tool {tool.slug}: {problem}", mend, rule)
