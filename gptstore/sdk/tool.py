"""`@tool`: makes a function with a typed signature into an entry of the catalogue."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast, get_args, overload

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from gptstore.sdk.context import Context
from gptstore.sdk.errors import InputError, ToolDefinitionError
from gptstore.sdk.input_model import build_input_model, field_name
from gptstore.sdk.input_problems import describe_problems
from gptstore.sdk.limits import BOUNDS, find_problem
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.schema import build_schema
from gptstore.sdk.signature import read_signature

OutputKind = Literal["text", "markdown", "code", "json"]

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_SLUG, _MAX_TITLE, _MAX_SUMMARY = 50, 80, 300


@dataclass(frozen=True)
class Example:
    """A worked example: a title, and an input that fills the form."""

    title: str
    input: dict[str, Any]


class Tool:
    """One thing in the catalogue that a person launches. Made by `@tool`; calling it calls the author's function."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        title: str | None = None,
        slug: str | None = None,
        summary: str | None = None,
        category: str = "writing",
        tags: Sequence[str] = (),
        output: OutputKind = "text",
        language: str | None = None,
        language_input: str | None = None,
        max_seconds: int | None = None,
        max_memory_mb: int | None = None,
        max_output_bytes: int | None = None,
        max_model_tokens: int | None = None,
        max_log_lines: int | None = None,
        network: bool = False,
        examples: Iterable[Example | Mapping[str, Any]] = (),
    ) -> None:
        if not inspect.isfunction(function):
            raise ToolDefinitionError(f"@tool needs a plain function, not {function!r}")
        name = function.__name__
        self.function = function
        self.slug = name.replace("_", "-") if slug is None else slug
        self.title = name.replace("_", " ").strip().capitalize() if title is None else title
        self.summary, self.description = _read_docstring(function, summary)
        self.category = category
        self.tags = tags
        self.output = output
        self.language = language
        self.language_input = language_input
        self.max_seconds = max_seconds
        self.max_memory_mb = max_memory_mb
        self.max_output_bytes = max_output_bytes
        self.max_model_tokens = max_model_tokens
        self.max_log_lines = max_log_lines
        self.network = network
        self._check_declaration()
        self.tags = tuple(tags)
        self.parameters: tuple[Parameter, ...] = tuple(read_signature(self.slug, function))
        self.input_model = build_input_model(self.slug, self.parameters)
        self.input_schema: dict[str, Any] = build_schema(self.parameters)
        self._check_output_kind()
        self.examples = tuple(self._check_example(example) for example in examples)
        self.__name__, self.__qualname__, self.__doc__ = name, function.__qualname__, function.__doc__
        self.__module__, self.__wrapped__ = function.__module__, function

    def __call__(self, ctx: Context, *args: Any, **inputs: Any) -> Any:
        return self.function(ctx, *args, **inputs)

    def __repr__(self) -> str:
        return f"<Tool {self.slug!r}>"

    def check_input(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for the function, with defaults filled in. Raises InputError.

        Nothing is coerced: "3" is not a number. Values of an Enum become its members.
        """
        if not isinstance(data, Mapping):
            raise InputError([{"field": "", "message": "The input must be an object with one key for each input."}])
        try:
            checked = self.input_model.model_validate(dict(data))
        except ValidationError as error:
            by_name = {parameter.name: parameter for parameter in self.parameters}
            raise InputError(describe_problems(error.errors(include_url=False), by_name)) from None
        return {parameter.name: getattr(checked, field_name(parameter.name)) for parameter in self.parameters}

    def _check_declaration(self) -> None:
        if not _SLUG.fullmatch(self.slug) or len(self.slug) > _MAX_SLUG:
            self._refuse(
                f"the slug {self.slug!r} must be lower-case letters, digits and single hyphens, at most {_MAX_SLUG}; "
                "give one with slug="
            )
        if not self.title.strip() or len(self.title) > _MAX_TITLE:
            self._refuse(f"the title must have 1 to {_MAX_TITLE} characters")
        if not self.summary:
            self._refuse("a summary is missing: write a docstring, or give summary=")
        if len(self.summary) > _MAX_SUMMARY:
            self._refuse(
                f"the summary has {len(self.summary)} characters, at most {_MAX_SUMMARY} fit; "
                "keep the first paragraph of the docstring short, or give summary="
            )
        if not _SLUG.fullmatch(self.category) or len(self.category) > _MAX_SLUG:
            self._refuse(
                f"the category {self.category!r} must be lower-case letters, digits and single hyphens, "
                f"at most {_MAX_SLUG}"
            )
        if not isinstance(self.network, bool):
            self._refuse(f"network={self.network!r} must be True or False")
        if isinstance(self.tags, str) or not all(isinstance(tag, str) and tag.strip() for tag in self.tags):
            self._refuse('tags must be a list of texts, such as tags=["short", "email"]')
        if self.output not in get_args(OutputKind):
            self._refuse(f"output={self.output!r} is not supported; choose one of {', '.join(get_args(OutputKind))}")
        for name in BOUNDS:
            if problem := find_problem(name, getattr(self, name)):
                self._refuse(problem)

    def _check_output_kind(self) -> None:
        given = [name for name in ("language", "language_input") if getattr(self, name) is not None]
        if self.output != "code":
            if given:
                self._refuse(f'{given[0]}= is for output="code" only')
            return
        if len(given) != 1:
            self._refuse(
                'output="code" needs language="python" (always the same), or language_input="…" '
                "(the name of the input that holds it), and not both"
            )
        if self.language_input is None:
            return
        named = [parameter for parameter in self.parameters if parameter.name == self.language_input]
        if not named:
            self._refuse(f"language_input={self.language_input!r} is not the name of a parameter")
        texts = named[0].kind == "string" or (named[0].choices and isinstance(named[0].choices[0], str))
        if not texts or named[0].optional:
            self._refuse(f"language_input={self.language_input!r} must name a str or a choice of texts, not optional")

    def _check_example(self, example: object) -> Example:
        if isinstance(example, Mapping):
            if set(example) != {"title", "input"}:
                self._refuse(f"an example needs the keys title and input, not {', '.join(map(str, example)) or 'none'}")
            example = Example(example["title"], example["input"])
        if not isinstance(example, Example):
            self._refuse(f"an example is an Example(title, input) or a dict with these keys, not {example!r}")
        if not isinstance(example.title, str) or not example.title.strip():
            self._refuse("an example needs a title")
        try:
            self.check_input(example.input)
        except InputError as error:
            self._refuse(f"the example {example.title!r} does not fit the parameters: {error}")
        return Example(example.title, cast(dict[str, Any], to_jsonable_python(dict(example.input))))

    def _refuse(self, problem: str) -> NoReturn:
        raise ToolDefinitionError(f"tool {self.slug}: {problem}")


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    title: str | None = None,
    slug: str | None = None,
    summary: str | None = None,
    category: str = "writing",
    tags: Sequence[str] = (),
    output: OutputKind = "text",
    language: str | None = None,
    language_input: str | None = None,
    max_seconds: int | None = None,
    max_memory_mb: int | None = None,
    max_output_bytes: int | None = None,
    max_model_tokens: int | None = None,
    max_log_lines: int | None = None,
    examples: Iterable[Example | Mapping[str, Any]] = (),
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(function: Callable[..., Any] | None = None, /, **options: Any) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a function into a tool. Its signature is the form, the JSON Schema and the check of every input.

    title: what the catalogue calls it; made from the function's name when left out.
    slug: its address; the function's name with hyphens when left out.
    summary: one line for the catalogue; the docstring's first paragraph when left out. The rest of the docstring
        is the description.
    category: the slug of a category; tags: words to find it by.
    output: how the result is shown. "code" also needs `language="python"`, or `language_input="…"`: the name of the
        input that holds the language.
    max_seconds: how long a run may take.
    max_memory_mb: memory of a run, in megabytes, beyond what the plugin takes when it is imported; counts in a sandbox.
    max_output_bytes: the longest output, as UTF-8.
    max_model_tokens: tokens of all prompts and answers of a run together; `max_tokens` is for one answer.
    max_log_lines: how often a run may call `ctx.log`.
    examples: inputs that people can try with one click.

    A run that goes over one of the five limits is stopped and fails; what it said is kept. Of each it may take as much
    as the store allows when it is left out.

    Raises ToolDefinitionError, which names the tool, the parameter and what is supported.
    """
    if function is not None:
        return Tool(function)
    return lambda decorated: Tool(decorated, **options)


def _read_docstring(function: Callable[..., Any], summary: str | None) -> tuple[str, str]:
    """The summary as one line, and the description."""
    first, _, rest = (inspect.getdoc(function) or "").partition("\n\n")
    return " ".join((first if summary is None else summary).split()), rest.strip()
