"""The pydantic model that checks a tool's input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import Enum
from functools import partial
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, create_model
from pydantic import Field as PydanticField
from pydantic_core import PydanticCustomError, PydanticKnownError

from gptstore.sdk.document import Document
from gptstore.sdk.file import File, file_problem
from gptstore.sdk.messages import message_limits, messages_type
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.table import Table
from gptstore.sdk.text import is_storable

_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "list": list[str],
    "secret": SecretStr,
}
FILES: dict[str, type[File]] = {kind.kind: kind for kind in (Document, Table)}
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


CHECKS = ConfigDict(
    strict=True,
    extra="forbid",
    frozen=True,
    allow_inf_nan=False,
    arbitrary_types_allowed=True,
    regex_engine="python-re",
    protected_namespaces=(),
)


class ToolInput(BaseModel):
    """The base of every tool's input model: nothing is coerced, and no unknown input is let through."""

    model_config = CHECKS


def build_input_model(tool: str, parameters: Sequence[Parameter]) -> type[ToolInput]:
    """Make a pydantic model with one field for each parameter, in order."""
    fields: dict[str, Any] = {}
    for parameter in parameters:
        info: Any = PydanticField(
            default=... if parameter.required else parameter.default,
            alias=parameter.name,
            title=parameter.title,
            description=parameter.description,
        )
        fields[field_name(parameter.name)] = (python_type(parameter), info)
    return create_model(f"{tool.replace('-', ' ').title().replace(' ', '')}Input", __base__=ToolInput, **fields)


def field_name(parameter: str) -> str:
    """Return the model's attribute for a parameter: its name, unless pydantic needs that itself (`schema`, `copy`)."""
    return f"{parameter}_" if hasattr(BaseModel, parameter) else parameter


def python_type(parameter: Parameter) -> Any:
    """Return the annotation with which pydantic checks exactly the rules of the parameter's JSON Schema."""
    annotation = _type_without_limits(parameter)
    given = parameter.options.given()
    limits = {name: given[name] for name in _LIMITS if name in given}
    if limits:
        annotation = Annotated[annotation, PydanticField(**limits)]
    match parameter.kind:
        case "integer":
            annotation = Annotated[annotation, BeforeValidator(_whole_number)]
        case "choices":
            annotation = Annotated[annotation, AfterValidator(_unique)]
    if parameter.kind != "object":
        annotation = Annotated[annotation, BeforeValidator(_storable)]
    return annotation | None if parameter.optional else annotation


def _type_without_limits(parameter: Parameter) -> Any:
    match parameter.kind:
        case "choice":
            return _choice_type(parameter)
        case "choices":
            return list[_choice_type(parameter)]  # type: ignore[misc]
        case "date":
            return Annotated[date, BeforeValidator(_date)]
        case "object":
            return _object_type(parameter)
        case "messages":
            return messages_type(message_limits(parameter.options.given()), parameter.last_role)
        case "document" | "table":
            return Annotated[FILES[parameter.kind], BeforeValidator(partial(_file, FILES[parameter.kind]))]
    return _TYPES[parameter.kind]


def _choice_type(parameter: Parameter) -> Any:
    annotation: Any = Literal[parameter.choices]
    if isinstance(parameter.choices[0], int):
        annotation = Annotated[annotation, BeforeValidator(_whole_number)]
    if parameter.enum is not None:
        annotation = Annotated[annotation, BeforeValidator(_enum_value), AfterValidator(parameter.enum)]
    return annotation


def _object_type(parameter: Parameter) -> Any:
    """Return the type of an object: its fields are checked as a tool's inputs are, then the author's class is made."""
    assert parameter.model is not None
    checked = build_input_model(parameter.model.__name__, parameter.fields)
    before, after = partial(_fields_of, parameter), partial(_make_model, parameter)
    return Annotated[checked, BeforeValidator(before), AfterValidator(after)]


def _whole_number(value: Any) -> Any:
    """Take 2.0 for a whole number, as JSON does with its one kind of number; refuse True, though it equals 1."""
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _enum_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _date(value: Any) -> Any:
    """Read a text as JSON Schema's format "date": 2026-01-31, and no other form that Python knows."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _file(kind: type[File], value: Any) -> Any:
    if isinstance(value, File):
        return value
    if problem := file_problem(value, kind.suffixes):
        raise PydanticCustomError("file", problem)
    return kind.from_json(value)


def _unique(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("unique", "Each entry only once")
    return values


def _fields_of(parameter: Parameter, value: Any) -> Any:
    """Return the fields of a default, or of a test's value, which is an instance of the author's class."""
    if parameter.model is not None and isinstance(value, parameter.model):
        return {field.name: getattr(value, field.name) for field in parameter.fields}
    return value


def _make_model(parameter: Parameter, checked: ToolInput) -> BaseModel:
    """Make the author's class of fields that have been checked; it is not asked again, and has no rules of its own."""
    assert parameter.model is not None
    values = {field.name: getattr(checked, field_name(field.name)) for field in parameter.fields}
    return parameter.model.model_construct(**values)


def _storable(value: Any) -> Any:
    if not is_storable_value(value):
        raise PydanticKnownError("string_unicode")
    return value


def is_storable_value(value: Any) -> bool:
    """Look for U+0000, a lone surrogate, NaN or an infinity, which UTF-8, PostgreSQL and JSON cannot hold."""
    match value:
        case str():
            return is_storable(value)
        case float():
            return isfinite(value)
        case list():
            return all(map(is_storable_value, value))
        case dict():
            return all(is_storable_value(part) for pair in value.items() for part in pair)
    return True
