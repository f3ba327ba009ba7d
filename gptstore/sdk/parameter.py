"""One input of a tool, read from the annotation of one parameter."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, Flag
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretStr

from gptstore.sdk.call import Message
from gptstore.sdk.document import Document
from gptstore.sdk.errors import Unsupported, UnsupportedType
from gptstore.sdk.field import Field, Widget
from gptstore.sdk.messages import LastRole, Role
from gptstore.sdk.table import Table
from gptstore.sdk.texts import Text, Translations, base_text, gather

Kind = Literal[
    "string", "integer", "number", "boolean", "choice", "list", "choices", "date", "object", "messages",
    "document", "table", "secret",
]  # fmt: skip

SUPPORTED = (
    "str, LongText, int, float, bool, Literal[...] and Enum of texts or of whole numbers, list[str], list[...] of such "
    "choices, date, Messages, Document, Table, a pydantic model of these, each of these with `| None`, and "
    "Annotated[..., Field(...)] from gptstore.sdk"
)

_KINDS: dict[Any, Kind] = {str: "string", int: "integer", float: "number", bool: "boolean", date: "date"}
_SECRETS: dict[Any, Kind] = {SecretStr: "secret"}
_FILES: dict[Any, Kind] = {Document: "document", Table: "table"}
_NO_OPTIONS = Field()
_NUMBERS = frozenset({"integer", "number"})
_OPTION_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ge", "gt", "le", "lt"), _NUMBERS),
    **dict.fromkeys(("min_length", "max_length"), frozenset({"string", "list", "choices", "messages", "secret"})),
    "pattern": frozenset({"string"}),
    "placeholder": _NUMBERS | {"string", "list", "messages"},
    "labels": frozenset({"choice", "choices"}),
    "group": frozenset({*_KINDS.values(), *_FILES.values(), *_SECRETS.values(), "choice", "list", "choices"}),
}
_KIND_NAMES: dict[Kind, str] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "choice": "choices",
    "list": "list[str]",
    "choices": "lists of choices",
    "date": "date",
    "object": "a model",
    "messages": "Messages",
    "document": "Document",
    "table": "Table",
    "secret": "SecretStr",
}


@dataclass(frozen=True)
class Parameter:
    """One input. `choices` are JSON values; `enum` is the class they belong to, if any.

    model: the class of an object; its fields are the parameters in `fields`. options: in one language; the others are
    in `translations`. A "secret" is a setting of a tool only.
    """

    name: str
    kind: Kind
    options: Field = _NO_OPTIONS
    widget: str | None = None
    choices: tuple[str | int, ...] = ()
    enum: type[Enum] | None = None
    last_role: Role | None = None
    model: type[BaseModel] | None = None
    fields: tuple[Parameter, ...] = ()
    optional: bool = False
    required: bool = True
    default: Any = None
    translations: Translations = field(default_factory=dict)

    @property
    def title(self) -> str:
        return base_text(self.options.title or self.name.replace("_", " ").strip().capitalize())

    @property
    def description(self) -> str | None:
        return None if self.options.description is None else base_text(self.options.description)

    def texts(self) -> Iterator[Text]:
        """Yield what people read of this input and of its fields: titles, hints, and choices."""
        yield self.title
        yield from self.options.texts()
        labels = self.options.labels or {}
        yield from (str(choice) for choice in self.choices if str(choice) not in labels)
        for inner in self.fields:
            yield from inner.texts()


def read_annotation(name: str, annotation: Any) -> Parameter:
    """Turn an evaluated annotation into a required Parameter. Raises Unsupported."""
    parameter = _read(name, annotation)
    for option in parameter.options.given():
        kinds = _OPTION_KINDS.get(option)
        if kinds and parameter.kind not in kinds:
            allowed = ", ".join(_KIND_NAMES[kind] for kind in _KIND_NAMES if kind in kinds and kind != "secret")
            raise Unsupported(f"Field({option}=…) fits {allowed}, not {_KIND_NAMES[parameter.kind]}")
    options = parameter.options
    return replace(parameter, options=options.in_base_language(), translations=gather(options.texts()))


def _read(name: str, annotation: Any) -> Parameter:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _with_metadata(_read(name, args[0]), args[1:])
    if origin in (Union, types.UnionType):
        return _read_optional(name, annotation, args)
    if origin is Literal:
        return _read_literal(name, args)
    if origin is list and args == (str,):
        return Parameter(name, "list")
    if origin is list and args == (Message,):
        return Parameter(name, "messages", widget="messages")
    if origin is list and len(args) == 1:
        return _read_choices(name, annotation, args[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _read_enum(name, annotation)
    if _is_model(annotation):
        return Parameter(name, "object", model=annotation)
    if type(annotation).__name__ == "TypeAliasType":
        return _read(name, annotation.__value__)
    try:
        return Parameter(name, (_KINDS | _FILES | _SECRETS)[annotation])
    except (KeyError, TypeError):
        raise UnsupportedType(f"the type {show_type(annotation)} is not supported") from None


def _read_optional(name: str, annotation: Any, args: tuple[Any, ...]) -> Parameter:
    rest = [arg for arg in args if arg is not type(None)]
    if len(rest) != 1:
        raise UnsupportedType(f"the type {show_type(annotation)} mixes several types")
    return replace(_read(name, rest[0]), optional=True)


def _read_literal(name: str, values: tuple[Any, ...]) -> Parameter:
    choices = tuple(value for value in values if value is not None)
    return Parameter(name, "choice", choices=_check_choices(choices), optional=None in values)


def _read_enum(name: str, enum: type[Enum]) -> Parameter:
    if issubclass(enum, Flag):
        raise UnsupportedType(f"the type {enum.__name__} is a Flag, and flags are not supported")
    return Parameter(name, "choice", choices=_check_choices(tuple(member.value for member in enum)), enum=enum)


def _read_choices(name: str, annotation: Any, entry: Any) -> Parameter:
    try:
        parameter = _read(name, entry)
    except UnsupportedType:
        parameter = Parameter(name, "list")
    if parameter.kind != "choice" or parameter.optional or parameter.options.given():
        raise UnsupportedType(f"the type {show_type(annotation)} is not supported")
    return replace(parameter, kind="choices")


def _is_model(annotation: Any) -> bool:
    if not isinstance(annotation, type) or annotation is BaseModel:
        return False
    return issubclass(annotation, BaseModel) and not issubclass(annotation, RootModel)


def _check_choices(values: tuple[Any, ...]) -> tuple[str | int, ...]:
    if not values:
        raise UnsupportedType("there are no values to choose from")
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}):
        raise UnsupportedType(f"the choices {', '.join(map(repr, values))} are neither all texts nor all whole numbers")
    return values


def _with_metadata(parameter: Parameter, metadata: tuple[Any, ...]) -> Parameter:
    for item in metadata:
        if isinstance(item, Field):
            parameter = replace(parameter, options=parameter.options.updated(item))
        elif isinstance(item, Widget):
            parameter = replace(parameter, widget=item.name)
        elif isinstance(item, LastRole) and parameter.kind == "messages":
            parameter = replace(parameter, last_role=item.role)
        elif type(item).__name__ == "FieldInfo":
            raise UnsupportedType("use Field from gptstore.sdk instead of pydantic's")
        else:
            raise UnsupportedType(f"{item!r} inside Annotated is not supported")
    return parameter


def show_type(annotation: Any) -> str:
    """Return an annotation as its author wrote it, near enough: `dict[str, int]`, `Path`."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__qualname__
    return str(annotation).replace("typing.", "")
