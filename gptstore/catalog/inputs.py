"""Checks an input against a tool's schema. The same check serves the page, the API and every later face."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one input; `field` is "" when it is not about a single one."""

    field: str
    message: str
    code: str


class InvalidInput(Exception):
    """Raised when an input does not fit the schema. A retry with the same input cannot help."""

    def __init__(self, errors: list[FieldError]) -> None:
        self.errors = errors
        super().__init__(
            "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
        )


def check_input(schema: Schema, data: object) -> dict[str, Any]:
    """The input with defaults filled in. Raises InvalidInput with one error for each wrong field, in their order."""
    if not isinstance(data, dict):
        raise InvalidInput([FieldError("", _("The input must be an object with one entry for each field."), "type")])
    filled = {**defaults(schema), **data}
    first: dict[str, FieldError] = {}
    try:
        for error in find_errors(schema, filled):
            first.setdefault(error.field, error)
    except RecursionError:
        raise InvalidInput([FieldError("", _("The input is nested too deeply."), "depth")]) from None
    if first:
        raise InvalidInput(sorted(first.values(), key=lambda error: field_order(schema, error.field)))
    return filled


def defaults(schema: Schema) -> dict[str, Any]:
    return {name: field["default"] for name, field in schema.get("properties", {}).items() if "default" in field}


def field_order(schema: Schema, field: str) -> int:
    names = list(schema.get("properties", {}))
    return names.index(field) if field in names else len(names)


def find_errors(schema: Schema, data: dict[str, Any]) -> Iterator[FieldError]:
    """Of two for the same field the first counts."""
    fields = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in data:
            yield FieldError(name, _("This field is required."), "required")
    for name, value in data.items():
        if name not in fields:
            message = _("There is no such field. Known fields: %(names)s.") % {"names": ", ".join(fields)}
            yield FieldError(storable(name), message, "unknown")
        elif holds_unstorable(value):
            message = _("This holds a character or a number that cannot be kept, such as NUL. Remove it.")
            yield FieldError(name, message, "characters")
    rules = {rule: value for rule, value in schema.items() if rule not in ("required", "additionalProperties")}
    found = Draft202012Validator(rules).iter_errors(data)
    for error in sorted(found, key=lambda error: error.validator != "enum"):
        yield describe(error)


def describe(error: ValidationError) -> FieldError:
    """Of an optional field, the rule beside "or null" is told."""
    if error.validator == "anyOf" and error.context:
        rules = [inner for inner in error.context if inner.validator_value != "null"]
        error = next((inner for inner in rules if inner.validator == "enum"), rules[0])
    name, *place = error.absolute_path or [""]
    message = message_of(error)
    if place:
        message = _("Entry %(n)s: %(message)s") % {"n": int(place[0]) + 1, "message": message}
    return FieldError(str(name), message, str(error.validator))


def message_of(error: ValidationError) -> str:
    value: Any = error.validator_value
    got: Any = error.instance
    match error.validator:
        case "type":
            return _("This must be %(type)s.") % {"type": type_name(value)}
        case "enum":
            return _("Choose one of: %(choices)s.") % {"choices": ", ".join(str(choice) for choice in value)}
        case "minLength":
            if not got:
                return _("This field is required.")
            return ngettext("At least %(n)s character.", "At least %(n)s characters.", value) % {"n": value}
        case "maxLength":
            text = ngettext(
                "At most %(n)s character; this has %(got)s.", "At most %(n)s characters; this has %(got)s.", value
            )
            return text % {"n": value, "got": len(got)}
        case "minItems":
            return ngettext("At least %(n)s entry.", "At least %(n)s entries.", value) % {"n": value}
        case "maxItems":
            return ngettext("At most %(n)s entry.", "At most %(n)s entries.", value) % {"n": value}
        case "minimum":
            return _("At least %(n)s.") % {"n": value}
        case "maximum":
            return _("At most %(n)s.") % {"n": value}
        case "exclusiveMinimum":
            return _("More than %(n)s.") % {"n": value}
        case "exclusiveMaximum":
            return _("Less than %(n)s.") % {"n": value}
        case "pattern":
            return _("This must match the pattern %(pattern)s.") % {"pattern": value}
    return storable(str(error.message))[:300]


def type_name(kind: object) -> str:
    names = {
        "string": _("a text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "array": _("a list"),
        "object": _("an object"),
    }
    return names.get(str(kind), str(kind))


def storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def holds_unstorable(value: object) -> bool:
    """Whether it has U+0000, a lone surrogate, NaN or an infinity: UTF-8, PostgreSQL and JSON cannot hold them."""
    if isinstance(value, str):
        return "\0" in value or storable(value) != value
    if isinstance(value, float):
        return not isfinite(value)
    if isinstance(value, list):
        return any(holds_unstorable(item) for item in value)
    if isinstance(value, dict):
        return any(holds_unstorable(item) for pair in value.items() for item in pair)
    return False
