"""Makes the form field of a property."""

from gptstore.catalog.properties import Property, without_null
from gptstore.web.catalog.fields import (
    DateField,
    InputField,
    LinesField,
    LongTextField,
    OneOfField,
    RealNumberField,
    SeveralOfField,
    SwitchField,
    TextField,
    WholeNumberField,
)
from gptstore.web.catalog.file_field import FileField


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
        case "array":
            return SeveralOfField if "enum" in schema.get("items", {}) else LinesField
    if schema.get("format") == "date":
        return DateField
    return LongTextField if schema.get("x-widget") == "longtext" else TextField
