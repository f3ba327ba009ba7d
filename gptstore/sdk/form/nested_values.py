"""Turns the values of an input into those of a form's fields, and back: "address.city" is a field of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gptstore.sdk.form.control import MISSING
from gptstore.sdk.form.properties import Property, Schema, defaults, nested_schema, without_null


def flatten(schema: Schema, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values of an input by the names of the form's fields; a model that is null shows its defaults."""
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is not None:
            within = values.get(name)
            filled = {**defaults(nested), **(within if isinstance(within, dict) else {})}
            yield from ((f"{name}.{inner}", value) for inner, value in filled.items())
        elif name in values:
            yield name, values[name]


def nest(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """Return the input that the fields make up; an optional model that nobody filled in is null."""
    given = {name: value for name, value in values.items() if value is not MISSING}
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is None:
            continue
        paths = {inner: f"{name}.{inner}" for inner in nested["properties"]}
        is_whole = all(path in values for path in paths.values())  # a field that can't be read is no empty one
        fields = {inner: given.pop(path) for inner, path in paths.items() if path in given}
        is_empty = is_whole and all(is_untouched(nested["properties"][inner], fields[inner]) for inner in fields)
        given[name] = None if is_empty and without_null(prop)[1] else fields
    return given


def is_untouched(prop: Property, value: Any) -> bool:
    return value == prop["default"] if "default" in prop else value is False or value in (None, "", [])
