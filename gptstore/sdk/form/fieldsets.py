"""Arranges the fields of a tool's form: each group and each model is a fieldset, which may fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from gptstore.sdk.form.properties import Property, Schema, nested_schema, without_null


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
    """Return the fieldset of a model's fields."""
    names = [f"{name}.{inner}" for inner in nested["properties"]]
    folds = not is_required or not nested["required"]
    is_optional = without_null(prop)[1]
    return Fieldset(prop.get("title", name), prop.get("description", ""), names, folds, is_optional)


class ShownField(Protocol):
    """A field of one form, with what its control shows."""

    @property
    def name(self) -> str: ...

    @property
    def errors(self) -> Sequence[object]: ...

    def value(self) -> Any: ...


@dataclass(frozen=True)
class ShownFieldset:
    """A fieldset with the fields of one form. is_open: it holds an error, or something else than its defaults."""

    id: str
    fieldset: Fieldset
    fields: Sequence[Any]
    is_open: bool

    @classmethod
    def of(cls, id: str, fieldset: Fieldset, fields: Sequence[Any], usual: dict[str, Any]) -> Self:
        """Take the fields of a form. usual: what their controls show as defaults, by the names of the fields."""
        is_open = any(field.errors or is_changed(field, usual) for field in fields)
        return cls(id, fieldset, fields, is_open)


def is_changed(field: ShownField, usual: dict[str, Any]) -> bool:
    """Return whether a control shows something else than the default."""
    return as_shown(field.value()) != as_shown(usual.get(field.name))


def as_shown(value: Any) -> list[str]:
    """Return the texts that a control shows for a value."""
    if value is None or value is False:
        return []
    return [
        str(entry).replace("\r\n", "\n") for entry in (value if isinstance(value, list) else [value]) if entry != ""
    ]
