"""Arranges the fields of a tool's form: each group and each model is a fieldset, which may fold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gptstore.catalog.properties import Property, Schema, nested_schema, without_null


@dataclass
class Fieldset:
    """Some fields of a form, by their names; without a title they stand alone.

    folds: it may be left out, so that the page shows its title only, until somebody opens it.
    """

    title: str = ""
    description: str = ""
    names: list[str] = field(default_factory=list)
    folds: bool = False
    is_optional: bool = False


def arrange(schema: Schema) -> list[Fieldset]:
    """Return the fieldsets of a form in their order; a group stands where its first field does."""
    required = schema.get("required", [])
    groups: dict[str, Fieldset] = {}
    fieldsets: list[Fieldset] = []
    for name, prop in schema.get("properties", {}).items():
        if (nested := nested_schema(prop)) is not None:
            fieldsets.append(of_model(name, prop, nested, is_required=name in required))
        elif title := prop.get("x-group"):
            if title not in groups:
                groups[title] = Fieldset(title, folds=True)
                fieldsets.append(groups[title])
            groups[title].names.append(name)
            groups[title].folds &= name not in required
        else:
            if not fieldsets or fieldsets[-1].title:
                fieldsets.append(Fieldset())
            fieldsets[-1].names.append(name)
    return fieldsets


def of_model(name: str, prop: Property, nested: Schema, *, is_required: bool) -> Fieldset:
    names = [f"{name}.{inner}" for inner in nested["properties"]]
    folds = not is_required or not nested["required"]
    is_optional = without_null(prop)[1]
    return Fieldset(prop.get("title", name), prop.get("description", ""), names, folds, is_optional)


def flatten(schema: Schema, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values of an input by the names of the form's fields: "address.city" for one of a model."""
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is None:
            if name in values:
                yield name, values[name]
            continue
        within = values.get(name)
        filled = {inner: part["default"] for inner, part in nested["properties"].items() if "default" in part}
        for inner, value in {**filled, **(within if isinstance(within, dict) else {})}.items():
            yield f"{name}.{inner}", value
