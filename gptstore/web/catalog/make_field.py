"""Makes the form fields of a schema's properties."""

from collections.abc import Iterator

from gptstore.catalog.properties import Property, Schema, nested_schema, without_null
from gptstore.web.catalog.fields import (
    DateField,
    InputField,
    LinesField,
    LongTextField,
    MessagesField,
    OneOfField,
    RealNumberField,
    SeveralOfField,
    SwitchField,
    TextField,
    WholeNumberField,
)
from gptstore.web.catalog.file_field import FileField


def make_fields(schema: Schema, within: str = "", title: str = "") -> Iterator[tuple[str, InputField]]:
    """Yield the fields of a form by their names; those of a model by "address.city"."""
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is not None:
            yield from make_fields(nested, f"{name}.", prop.get("title", name))
            continue
        field = make_field(prop, required=name in schema.get("required", []))
        field.full_label = f"{title}: {field.label}" if title else str(field.label)
        yield within + name, field


def make_field(schema: Property, *, required: bool) -> InputField:
    inner, nullable = without_null(schema)
    return field_class(inner)(inner, required=required, nullable=nullable)


def field_class(schema: Property) -> type[InputField]:
    if "x-file" in schema:
        return FileField
    if "enum" in schema:
        return OneOfField
    match schema.get("type"):
        case "boolean":
            return SwitchField
        case "integer":
            return WholeNumberField
        case "number":
            return RealNumberField
        case "array" if schema.get("x-widget") == "messages":
            return MessagesField
        case "array":
            return SeveralOfField if "enum" in schema.get("items", {}) else LinesField
    if schema.get("format") == "date":
        return DateField
    return LongTextField if schema.get("x-widget") == "longtext" else TextField
