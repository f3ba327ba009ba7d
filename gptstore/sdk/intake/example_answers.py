"""A model that answers every call in the form that was asked for, so that a tool can be tried without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gptstore.sdk.call import Call
from gptstore.sdk.output import OutputKind
from gptstore.sdk.testing import ScriptedModel

TEXT = "This is the answer of a scripted model. It has two sentences."
CODE = "answer = 42\n"
CONTEXT_LENGTH = 8192
_MAX_DEPTH = 20
_LENGTH = 20
_BY_FORMAT = {
    "date": "2024-05-17",
    "date-time": "2024-05-17T12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.org/",
    "uuid": "6f1c2a9e-3b7d-4c58-9a1e-0d2f4b6c8e10",
}


class ExampleModel(ScriptedModel):
    """A chat model with a plain text as its answer, or a line of code; for structured output a value that fits."""

    def __init__(self, output: str = OutputKind.TEXT) -> None:
        answer = CODE if output == OutputKind.CODE else TEXT
        super().__init__(answer, context_length=CONTEXT_LENGTH, name="scripted")

    def answer(self, call: Call) -> Iterator[str]:
        if call.choices:
            return iter([call.choices[0]])
        if call.schema is not None:
            return iter([json.dumps(make_value(call.schema), ensure_ascii=False)])
        return super().answer(replace(call, stop=()))


def make_value(schema: dict[str, Any], root: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """Return a value that fits the schema, as far as it says so by other words than a pattern."""
    root = schema if root is None else root
    if depth > _MAX_DEPTH:
        return None
    if "$ref" in schema:
        return make_value(_follow(root, schema["$ref"]), root, depth + 1)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    for several in ("enum", "examples"):
        if schema.get(several):
            return schema[several][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return make_value(schema[several][0], root, depth + 1)
    kind = schema.get("type", "string")
    return _make(kind[0] if isinstance(kind, list) else kind, schema, root, depth)


def _make(kind: str, schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
    if kind == "object":
        named = schema.get("properties", {})
        wanted = (
            named
            if depth < _MAX_DEPTH // 2
            else {name: named[name] for name in schema.get("required", []) if name in named}
        )
        return {name: make_value(inner, root, depth + 1) for name, inner in wanted.items()}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})] * max(1, schema.get("minItems", 0))
        return [make_value(item if isinstance(item, dict) else {}, root, depth + 1) for item in items]
    if kind in ("integer", "number"):
        return _number(kind, schema)
    if kind == "boolean":
        return True
    return None if kind == "null" else _text(schema)


def _number(kind: str, schema: dict[str, Any]) -> float:
    step: float = schema.get("multipleOf", 1 if kind == "integer" else 0.5)
    lower: float | None = schema.get("minimum", schema.get("exclusiveMinimum"))
    if lower is not None:
        return lower if "minimum" in schema and not lower % step else (lower // step + 1) * step
    upper: float = schema.get("maximum", schema.get("exclusiveMaximum", step + 1))
    return min(step, (upper // step - ("exclusiveMaximum" in schema)) * step)


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    least: int = schema.get("minLength", 0)
    most: int = schema.get("maxLength", _LENGTH)
    return (TEXT * (least // len(TEXT) + 1))[: max(least, min(most, _LENGTH))]


def _follow(root: dict[str, Any], reference: str) -> dict[str, Any]:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {})
    return found if isinstance(found, dict) else {}
