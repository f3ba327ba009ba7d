"""Checks an input against a tool's schema. The same check serves the page, the API and every later face."""

from dataclasses import dataclass
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
        super().__init__("; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors))


def check_input(schema: Schema, data: object) -> dict[str, Any]:
    """The input with defaults filled in. Raises InvalidInput with every problem found."""
    if not isinstance(data, dict):
        raise InvalidInput([FieldError("", _("The input must be an object with one entry for each field."), "type")])
    filled = {**defaults(schema), **data}
    errors = [describe(error, schema) for error in Draft202012Validator(schema).iter_errors(filled)]
    errors += [unstorable(name) for name, value in data.items() if holds_unstorable_text(value) or holds_unstorable_text(name)]
    if errors:
        raise InvalidInput(sorted(errors, key=lambda error: field_order(schema, error.field)))
    return filled


def defaults(schema: Schema) -> dict[str, Any]:
    return {name: field["default"] for name, field in schema.get("properties", {}).items() if "default" in field}


def field_order(schema: Schema, field: str) -> int:
    names = list(schema.get("properties", {}))
    return names.index(field) if field in names else len(names)


def describe(error: ValidationError, schema: Schema) -> FieldError:
    rule = str(error.validator)
    if rule == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return FieldError(missing[0], _("This field is required."), "required")
    if rule == "additionalProperties":
        known = schema.get("properties", {})
        extra = next(name for name in error.instance if name not in known)
        return FieldError(printable(extra), _("There is no such field. Known fields: %(names)s.") % {"names": ", ".join(known)}, "unknown")
    field = str(error.absolute_path[0]) if error.absolute_path else ""
    if rule == "anyOf" and error.context:
        rule_error = next((inner for inner in error.context if inner.validator_value != "null"), error)
        return FieldError(field, message_of(rule_error), str(rule_error.validator))
    return FieldError(field, message_of(error), rule)


def message_of(error: ValidationError) -> str:
    rule, value = error.validator, error.validator_value
    match rule:
        case "type":
            return _("This must be %(type)s.") % {"type": type_name(value)}
        case "enum":
            return _("Choose one of: %(choices)s.") % {"choices": ", ".join(str(choice) for choice in value)}
        case "minLength":
            if not error.instance:
                return _("This field is required.")
            return ngettext("At least %(n)s character.", "At least %(n)s characters.", value) % {"n": value}
        case "maxLength":
            text = ngettext("At most %(n)s character; this has %(got)s.", "At most %(n)s characters; this has %(got)s.", value)
            return text % {"n": value, "got": len(error.instance)}
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
    return str(error.message)[:300]


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


def unstorable(name: str) -> FieldError:
    return FieldError(printable(name), _("This holds a NUL or half a character, which cannot be kept. Remove it."), "characters")


def printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("\0", "?")


def holds_unstorable_text(value: object) -> bool:
    """Whether a text in `value` has U+0000 or a lone surrogate: PostgreSQL and UTF-8 cannot hold them."""
    if isinstance(value, str):
        return "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, list):
        return any(holds_unstorable_text(item) for item in value)
    if isinstance(value, dict):
        return any(holds_unstorable_text(item) for pair in value.items() for item in pair)
    return False
