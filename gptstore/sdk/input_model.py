"""The pydantic model that checks a tool's input."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, create_model
from pydantic import Field as PydanticField
from pydantic_core import PydanticKnownError

from gptstore.sdk.messages import message_limits, messages_type
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.text import is_storable

_TYPES: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "list": list[str]}
_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


CHECKS = ConfigDict(
    strict=True, extra="forbid", frozen=True, allow_inf_nan=False, regex_engine="python-re", protected_namespaces=()
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
            description=parameter.options.description,
        )
        fields[field_name(parameter.name)] = (python_type(parameter), info)
    return create_model(f"{tool.replace('-', ' ').title().replace(' ', '')}Input", __base__=ToolInput, **fields)


def field_name(parameter: str) -> str:
    """Return the model's attribute for a parameter: its name, unless pydantic needs that itself (`schema`, `copy`)."""
    return f"{parameter}_" if hasattr(BaseModel, parameter) else parameter


def python_type(parameter: Parameter) -> Any:
    """Return the annotation with which pydantic checks exactly the rules of the parameter's JSON Schema."""
    if parameter.kind == "messages":
        messages = messages_type(message_limits(parameter.options.given()), parameter.last_role)
        return messages | None if parameter.optional else messages
    annotation = Literal[parameter.choices] if parameter.kind == "choice" else _TYPES[parameter.kind]
    given = parameter.options.given()
    limits = {name: given[name] for name in _LIMITS if name in given}
    if limits:
        annotation = Annotated[annotation, PydanticField(**limits)]
    if parameter.kind == "integer" or (parameter.choices and isinstance(parameter.choices[0], int)):
        annotation = Annotated[annotation, BeforeValidator(_whole_number)]
    if parameter.kind in ("string", "list"):
        annotation = Annotated[annotation, AfterValidator(_storable)]
    if parameter.enum is not None:
        annotation = Annotated[annotation, BeforeValidator(_enum_value), AfterValidator(parameter.enum)]
    return annotation | None if parameter.optional else annotation


def _whole_number(value: Any) -> Any:
    """Take 2.0 for a whole number, as JSON does with its one kind of number; refuse True, though it equals 1."""
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _enum_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _storable(value: str | list[str]) -> str | list[str]:
    """Refuse characters that JSON can hold and no database: NUL, and half a character (a lone surrogate)."""
    if not all(is_storable(text) for text in ([value] if isinstance(value, str) else value)):
        raise PydanticKnownError("string_unicode")
    return value
