"""Reads the properties of a tool's input schema: their kinds, defaults and names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
Property = dict[str, Any]


def without_null(schema: Property) -> tuple[Property, bool]:
    """Remove null from the schema of an optional value; the second value is whether there was one."""
    kinds = schema.get("anyOf", [])
    real = [kind for kind in kinds if kind.get("type") != "null"]
    if len(real) != 1:
        return schema, False
    outer = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**real[0], **outer}, len(kinds) > 1


def nested_schema(prop: Property) -> Schema | None:
    """Return the schema of an object, None for a property of another kind."""
    inner, _is_optional = without_null(prop)
    return inner if inner.get("type") == "object" else None


def names_of(schema: Schema | None) -> list[str]:
    return list((schema or {}).get("properties", {}))


def leaves(schema: Schema) -> Iterator[Property]:
    """Yield the properties of an input; those of an object instead of the object."""
    for prop in schema.get("properties", {}).values():
        nested = nested_schema(prop)
        if nested is None:
            yield prop
        else:
            yield from leaves(nested)


def defaults(schema: Schema) -> dict[str, Any]:
    return {name: prop["default"] for name, prop in schema.get("properties", {}).items() if "default" in prop}


def fill_defaults(schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
    """Return the input with the defaults of what it lacks, also in objects."""
    filled = {**defaults(schema), **data}
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is not None and isinstance(filled.get(name), dict):
            filled[name] = fill_defaults(nested, filled[name])
    return filled
