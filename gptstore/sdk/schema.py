"""The JSON Schema of a tool's input or settings, for forms, the API and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr

from gptstore.sdk.file import BASE64, MAX_NAME, File
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
    """Make a Draft 2020-12 object schema: properties in order, nothing referenced, no other keys allowed.

    Hints for the form are keys of a property: `x-widget` ("longtext", "messages"), `x-placeholder`, `x-group` and
    `x-labels`, which names choices. `x-file` is the kind of a file ("document" or "table"). A secret is `writeOnly`.
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
    if parameter.description is not None:
        schema["description"] = parameter.description
    value = _value(parameter)
    schema |= {"anyOf": [value, {"type": "null"}]} if parameter.optional else value
    if not parameter.required:
        schema["default"] = _json(parameter.default)
    if options.examples is not None:
        schema["examples"] = [_json(example) for example in options.examples]
    if parameter.kind == "secret":
        schema["writeOnly"] = True
    if parameter.widget is not None:
        schema["x-widget"] = parameter.widget
    if options.placeholder is not None:
        schema["x-placeholder"] = options.placeholder
    if options.group is not None:
        schema["x-group"] = options.group
    if options.labels is not None:
        schema["x-labels"] = dict(options.labels)
    return schema


def _value(parameter: Parameter) -> dict[str, Any]:
    match parameter.kind:
        case "choice":
            return _choice(parameter)
        case "choices":
            limits = _limits(parameter, LIST_KEYWORDS)
            return {"type": "array", "items": _choice(parameter)} | limits | {"uniqueItems": True}
        case "list":
            return {"type": "array", "items": {"type": "string"}} | _limits(parameter, LIST_KEYWORDS)
        case "secret":
            return {"type": "string"} | _limits(parameter, KEYWORDS)
        case "date":
            return {"type": "string", "format": "date"}
        case "object":
            return build_schema(parameter.fields)
        case "messages":
            return messages_schema(message_limits(parameter.options.given()), parameter.last_role)
        case "document" | "table":
            return _file(parameter.kind)
    return {"type": parameter.kind} | _limits(parameter, KEYWORDS)


def _file(kind: str) -> dict[str, Any]:
    """Return the schema of a file: its name and its data, or a text that stands for it."""
    name = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
    data = {"type": "string", "contentEncoding": "base64", "pattern": BASE64}
    properties = {"name": name, "data": data}
    whole = {"type": "object", "properties": properties, "required": ["name", "data"], "additionalProperties": False}
    return {"oneOf": [{"type": "string"}, whole], "x-file": kind}


def _choice(parameter: Parameter) -> dict[str, Any]:
    kind = "string" if isinstance(parameter.choices[0], str) else "integer"
    return {"type": kind, "enum": list(parameter.choices)}


def _limits(parameter: Parameter, names: dict[str, str]) -> dict[str, Any]:
    given = parameter.options.given()
    return {key: given[option] for option, key in names.items() if option in given}


def _json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case SecretStr():
            return value.get_secret_value()  # an empty one: no other is a default
        case date():
            return value.isoformat()
        case list():
            return [_json(entry) for entry in value]
        case File():
            return value.to_json()
        case BaseModel():
            return {name: _json(getattr(value, name)) for name in type(value).model_fields}
    return value
