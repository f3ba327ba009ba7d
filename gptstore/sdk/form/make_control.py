"""Makes the controls of a schema's properties."""

from __future__ import annotations

from collections.abc import Iterator

from gptstore.sdk.form.control import (
    Control,
    DateControl,
    FileControl,
    LinesControl,
    LongTextControl,
    MessagesControl,
    NumberControl,
    OneOfControl,
    SeveralOfControl,
    SwitchControl,
    TextControl,
    WholeNumberControl,
)
from gptstore.sdk.form.properties import Property, Schema, nested_schema, without_null
from gptstore.sdk.translation import ENGLISH, Translation


def make_controls(
    schema: Schema, words: Translation = ENGLISH, *, within: str = "", title: str = ""
) -> Iterator[tuple[str, Control]]:
    """Yield the controls of a form by their names; those of a model by "address.city"."""
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is not None:
            yield from make_controls(nested, words, within=f"{name}.", title=prop.get("title", name))
            continue
        control = make_control(prop, required=name in schema.get("required", []), words=words)
        control.full_label = f"{title}: {control.label}" if title else control.label
        yield within + name, control


def make_control(schema: Property, *, required: bool, words: Translation = ENGLISH) -> Control:
    """Return the control of one property."""
    inner, nullable = without_null(schema)
    return control_class(inner)(inner, required=required, nullable=nullable, words=words)


def control_class(schema: Property) -> type[Control]:
    if "x-file" in schema:
        return FileControl
    if "enum" in schema:
        return OneOfControl
    match schema.get("type"):
        case "boolean":
            return SwitchControl
        case "integer":
            return WholeNumberControl
        case "number":
            return NumberControl
        case "array" if schema.get("x-widget") == "messages":
            return MessagesControl
        case "array":
            return SeveralOfControl if "enum" in schema.get("items", {}) else LinesControl
    if schema.get("format") == "date":
        return DateControl
    return LongTextControl if schema.get("x-widget") == "longtext" else TextControl
