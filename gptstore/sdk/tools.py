"""`@tool`: makes a function with a typed signature into an entry of the catalogue."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict, Unpack, overload

from pydantic import BaseModel, ValidationError

from gptstore.sdk.context import Context
from gptstore.sdk.declaration import (
    Example,
    check_declaration,
    check_example,
    check_output_kind,
    read_declared_icon,
    read_docstring,
)
from gptstore.sdk.error_messages import TYPE, not_an_object
from gptstore.sdk.errors import InputError, ToolDefinitionError, Unsupported
from gptstore.sdk.gettext_catalogs import read_catalogs
from gptstore.sdk.input_model import build_input_model, field_name
from gptstore.sdk.input_problems import describe_problems
from gptstore.sdk.limits import LIMITS
from gptstore.sdk.output import OutputKind, OutputName
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.schema import build_schema
from gptstore.sdk.signature import read_signature
from gptstore.sdk.texts import Text, Translations, base_text, gather, merge
from gptstore.sdk.tool_settings import read_settings_model
from gptstore.sdk.translation import ENGLISH, Translation


class ToolOptions(TypedDict, total=False):
    """The keywords of `@tool`, which explains each. None is as good as leaving one out, where it may be given.

    Each of `gptstore.sdk.limits` is one of them.
    """

    title: Text | None
    slug: str | None
    summary: Text | None
    description: Text | None
    category: str
    tags: Sequence[str]
    icon: str | None
    output: OutputName | OutputKind
    language: str | None
    language_input: str | None
    max_seconds: int | None
    max_memory_mb: int | None
    max_disk_mb: int | None
    max_output_bytes: int | None
    max_model_tokens: int | None
    max_log_lines: int | None
    network: bool
    settings: type[BaseModel] | None
    examples: Iterable[Example | Mapping[str, Any]]


class Tool:
    """One thing in the catalogue that a person launches. Made by `@tool`; calling it calls the author's function."""

    def __init__(self, function: Callable[..., Any], **options: Unpack[ToolOptions]) -> None:
        if not inspect.isfunction(function):
            raise ToolDefinitionError(f"@tool needs a plain function, not {function!r}")
        _refuse_unknown(options)
        name, slug = function.__name__, options.get("slug")
        self.function = function
        self.slug = name.replace("_", "-") if slug is None else slug
        written = [options.get("title"), options.get("summary"), options.get("description")]
        title, summary, description = map(self._base_text, written)
        self.title = name.replace("_", " ").strip().capitalize() if title is None else title
        self.summary, self.description = read_docstring(function, summary)
        self.description = self.description if description is None else description.strip()
        self.category = options.get("category", "writing")
        self.tags = options.get("tags", ())
        self.icon = options.get("icon") or ""
        self.output = options.get("output", OutputKind.TEXT)
        self.language = options.get("language")
        self.language_input = options.get("language_input")
        self.limits: dict[str, Any] = {limit: options.get(limit) for limit in LIMITS}
        vars(self).update(self.limits)
        self.network = options.get("network", False)
        self.settings = options.get("settings")
        self.settings_fields: tuple[Parameter, ...] = ()
        self.settings_schema: dict[str, Any] | None = None
        if self.settings is not None:
            self.settings_fields = read_settings_model(self.slug, self.settings)
            self.settings_schema = build_schema(self.settings_fields)
        check_declaration(self)
        self.tags = tuple(self.tags)
        self.icon = read_declared_icon(self)
        self.parameters: tuple[Parameter, ...] = tuple(read_signature(self.slug, function))
        self.input_model = build_input_model(self.slug, self.parameters)
        self.input_schema: dict[str, Any] = build_schema(self.parameters)
        check_output_kind(self)
        examples = [*options.get("examples", ())]
        self.examples = tuple(check_example(self, example) for example in examples)
        self._texts: list[Text] = [*(text for text in written if text), *map(_title, examples)]
        self.__name__, self.__qualname__, self.__doc__ = name, function.__qualname__, function.__doc__
        self.__module__, self.__wrapped__ = function.__module__, function

    def __call__(self, ctx: Context, *args: Any, **inputs: Any) -> Any:
        return self.function(ctx, *args, **inputs)

    def __repr__(self) -> str:
        return f"<Tool {self.slug!r}>"

    def _base_text(self, text: Text | None) -> str | None:
        try:
            return None if text is None else base_text(text)
        except Unsupported as error:
            raise ToolDefinitionError(f"tool {self.slug}: {error}") from None

    @property
    def _fields(self) -> tuple[Parameter, ...]:
        """Return what has texts for people: inputs, and settings."""
        return self.parameters + self.settings_fields

    def texts(self) -> list[str]:
        """Return what people read of this tool, each once: of its card, form, settings and examples."""
        of_inputs = [base_text(text) for field in self._fields for text in field.texts()]
        titles = [base_text(example.title) for example in self.examples]
        return [*dict.fromkeys([self.title, self.summary, self.description, *of_inputs, *titles])]

    @property
    def translations(self) -> Translations:
        """Return each text in other languages: those of the declaration, then those of the package's gettext catalogs.

        Raises PluginError for a catalog that cannot be read.
        """
        declared = [gather(self._texts), *_translations(self._fields)]
        return merge([*declared, read_catalogs(self.__module__, self.texts())])

    def check_input(self, data: Mapping[str, Any], words: Translation = ENGLISH) -> dict[str, Any]:
        """Return the keyword arguments for the function, with defaults filled in. Raises InputError.

        Nothing is coerced: "3" is not a number. Values of an Enum become its members. words: what translates the
        sentences of the error.
        """
        if not isinstance(data, Mapping):
            raise InputError([{"field": "", "message": not_an_object(words), "code": TYPE}])
        try:
            checked = self.input_model.model_validate(dict(data))
        except ValidationError as error:
            by_name = {parameter.name: parameter for parameter in self.parameters}
            raise InputError(describe_problems(error.errors(include_url=False), by_name, words)) from None
        return {parameter.name: getattr(checked, field_name(parameter.name)) for parameter in self.parameters}


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(**options: Unpack[ToolOptions]) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None, /, **options: Unpack[ToolOptions]
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a function into a tool. Its signature is the form, the JSON Schema and the check of every input.

    title: its name in the catalogue; made from the function's name when left out.
    slug: its address; the function's name with hyphens when left out.
    summary: one line for the catalogue; the docstring's first paragraph when left out.
    description: more about it, as Markdown; the rest of the docstring when left out.
    category: the slug of a category, "writing" when left out; tags: words to find it by.
    icon: the name of an SVG or PNG beside the module, 16 KB at most: "icon.svg"; its category's when left out.
    output: how the result is shown, "text" when left out. "code" also needs `language="python"`, or
        `language_input="…"`: the name of the input that holds the language. "table": yield rows, each a dict, a
        pydantic model, or a list after `Columns("…", "…")`. "file": return `File("report.csv", data)`.
    max_seconds: seconds that a run may take.
    max_memory_mb: memory of a run, in megabytes, beyond what the plugin takes when it is imported; counts in a sandbox.
    max_disk_mb: files of a run, in megabytes, which it keeps in its own folder; counts in a sandbox.
    max_output_bytes: the longest output, as UTF-8.
    max_model_tokens: tokens of all prompts and answers of a run together; `max_tokens` is for one answer.
    max_log_lines: calls of `ctx.log` in a run.
    network: whether it opens connections to other computers. It gets them only where the operator allows its plugin
        to, and its page shows it.
    settings: a pydantic model that an administrator of the store fills in, such as a key of a service; the tool gets it
        as `ctx.settings`. Without its required values the tool cannot be run.
    examples: inputs that people can try with one click.

    Title, summary, description and the titles of examples may be given in several languages:
    `{"en": "Headline", "zh-Hans": "标题"}`.

    A run that goes over one of its limits (`max_…`) is stopped and fails; its output is kept. A limit that is left
    out is the store's.

    Raises ToolDefinitionError, which names the tool, the parameter and what is supported.
    """
    if function is not None:
        return Tool(function)
    _refuse_unknown(options)
    return lambda decorated: Tool(decorated, **options)


def _title(example: Example | Mapping[str, Any]) -> Text:
    return example.title if isinstance(example, Example) else example["title"]


def _translations(parameters: Iterable[Parameter]) -> Iterator[Translations]:
    for parameter in parameters:
        yield parameter.translations
        yield from _translations(parameter.fields)


def _refuse_unknown(options: Iterable[str]) -> None:
    """Raise TypeError for a keyword that does not exist, as a function with named parameters does."""
    if unknown := sorted({*options} - ToolOptions.__annotations__.keys()):
        raise TypeError(f"@tool takes no {unknown[0]}=; it takes {', '.join(ToolOptions.__annotations__)}")
