"""The JSON Schema of a tool's input, for forms, the API and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from gptstore.sdk.messages import message_limits, messages_schema
from gptstore.sdk.parameter import Parameter

KEYWORDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}
LIST_KEYWORDS = {"min_length": "minItems", "max_length": "maxItems"}


def build_schema(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Make a flat Draft 2020-12 object schema: properties in order, nothing referenced, no other keys allowed.

    Hints for the form are keys of a property: `x-widget` ("longtext", "messages") and `x-placeholder`.
    """
    return {
        "type": "object",
        "properties": {parameter.name: _property(parameter) for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    options = parameter.options
    schema: dict[str, Any] = {"title": parameter.title}
    if options.description is not None:
        schema["description"] = options.description
    value = _value(parameter)
    schema |= {"anyOf": [value, {"type": "null"}]} if parameter.optional else value
    if not parameter.required:
        schema["default"] = _json(parameter.default)
    if options.examples is not None:
        schema["examples"] = [_json(example) for example in options.examples]
    if parameter.widget is not None:
        schema["x-widget"] = parameter.widget
    if options.placeholder is not None:
        schema["x-placeholder"] = options.placeholder
    return schema


def _value(parameter: Parameter) -> dict[str, Any]:
    if parameter.kind == "choice":
        kind = "string" if isinstance(parameter.choices[0], str) else "integer"
        return {"type": kind, "enum": list(parameter.choices)}
    if parameter.kind == "list":
        return {"type": "array", "items": {"type": "string"}} | _limits(parameter, LIST_KEYWORDS)
    if parameter.kind == "messages":
        return messages_schema(message_limits(parameter.options.given()), parameter.last_role)
    return {"type": parameter.kind} | _limits(parameter, KEYWORDS)


def _limits(parameter: Parameter, names: dict[str, str]) -> dict[str, Any]:
    given = parameter.options.given()
    return {key: given[option] for option, key in names.items() if option in given}


def _json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, list) else value
