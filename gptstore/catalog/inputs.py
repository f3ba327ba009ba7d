"""Checks an input against a tool's schema. The same check serves the page, the API and every later face."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from django.utils import translation
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.patterns import is_mismatch, matching
from gptstore.sdk.error_messages import (
    LAST_ROLE,
    REQUIRED,
    TYPE,
    UNKNOWN,
    UNSTORABLE,
    error_message,
    not_an_object,
    of_entry,
    too_deep,
)
from gptstore.sdk.errors import FieldError
from gptstore.sdk.messages import ends_with
from gptstore.sdk.schema import KEYWORDS as VALUE_KEYWORDS
from gptstore.sdk.schema import LIST_KEYWORDS
from gptstore.sdk.text import is_storable, storable

Schema = dict[str, Any]
MAX_MESSAGE = 300


class CheckedInput(Mapping[str, Any]):
    """An input that fits a schema, with defaults filled in. Making one checks it, so that none is unchecked."""

    def __init__(self, schema: Schema, data: object) -> None:
        """Check the data. Raises InvalidInput with one error for each wrong field, in their order."""
        self.schema = schema
        self._values = check(schema, data)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"CheckedInput({self._values!r})"


def check_input(schema: Schema, data: object) -> CheckedInput:
    """Return the input with defaults filled in. An input checked against this schema is not checked again.

    Raises InvalidInput.
    """
    if isinstance(data, CheckedInput):
        return data if data.schema == schema else CheckedInput(schema, dict(data))
    return CheckedInput(schema, data)


def check(schema: Schema, data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidInput([{"field": "", "message": not_an_object(translation), "code": TYPE}])
    filled = {**defaults(schema), **data}
    first: dict[str, FieldError] = {}
    try:
        for error in find_errors(schema, filled):
            first.setdefault(error["field"], error)
    except RecursionError:
        raise InvalidInput([{"field": "", "message": too_deep(translation), "code": "depth"}]) from None
    if first:
        raise InvalidInput(sorted(first.values(), key=lambda error: field_order(schema, error["field"])))
    return filled


def defaults(schema: Schema) -> dict[str, Any]:
    return {name: field["default"] for name, field in schema.get("properties", {}).items() if "default" in field}


def field_order(schema: Schema, field: str) -> int:
    names = list(schema.get("properties", {}))
    return names.index(field) if field in names else len(names)


def find_errors(schema: Schema, data: dict[str, Any]) -> Iterator[FieldError]:
    """Find the errors of an input. Of two errors for the same field the first counts."""
    fields = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in data:
            yield broken(name, REQUIRED)
    for name, value in data.items():
        if name not in fields:
            yield broken(storable(name, "?"), UNKNOWN, list(fields))
        elif holds_unstorable(value):
            yield broken(name, UNSTORABLE)
    rules = {rule: value for rule, value in schema.items() if rule not in ("required", "additionalProperties")}
    with matching():
        found = sorted(InputValidator(rules).iter_errors(data), key=lambda error: error.validator != "enum")
    for error in found:
        yield describe(error)


def check_pattern(_validator: object, pattern: object, text: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(text, str) and is_mismatch(pattern, text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


def check_last_role(_validator: object, role: object, messages: object, _schema: object) -> Iterator[ValidationError]:
    if not ends_with(messages, role):
        yield ValidationError(f"the last message has not the role {role!r}")


OF_OBJECTS = {"properties", "required", "additionalProperties"}
KEYWORDS = {"type", "enum", "anyOf", "items", *OF_OBJECTS, *VALUE_KEYWORDS.values(), *LIST_KEYWORDS.values()}
"""What the SDK makes schemas of. Other keywords, such as `$ref`, would have this process fetch or match anything."""

InputValidator = create(
    Draft202012Validator.META_SCHEMA,
    {name: rule for name, rule in Draft202012Validator.VALIDATORS.items() if name in KEYWORDS}
    | {"pattern": check_pattern, LAST_ROLE: check_last_role},
    type_checker=Draft202012Validator.TYPE_CHECKER,
)


def broken(field: str, rule: str, value: object = None) -> FieldError:
    return {"field": field, "message": error_message(rule, value, words=translation), "code": rule}


def describe(error: ValidationError) -> FieldError:
    """Name the rule that is broken; of an optional field, the rule beside "or null"."""
    if error.validator == "anyOf" and error.context:
        rules = [inner for inner in error.context if inner.validator_value != "null"]
        error = next((inner for inner in rules if inner.validator == "enum"), rules[0])
    name, *place = error.absolute_path or [""]
    rule = str(error.validator)
    value = error.validator_value
    if rule == "additionalProperties":
        rule, value = UNKNOWN, list(error.schema["properties"])
    elif rule == REQUIRED:
        value = None
    message = error_message(rule, value, error.instance, translation)
    message = message or storable(str(error.message), "?")[:MAX_MESSAGE]
    if place and isinstance(place[0], int):
        message = of_entry(place[0], message, translation)
    return {"field": str(name), "message": message, "code": rule}


def holds_unstorable(value: object) -> bool:
    """Look for U+0000, a lone surrogate, NaN or an infinity, which UTF-8, PostgreSQL and JSON cannot hold."""
    if isinstance(value, str):
        return not is_storable(value)
    if isinstance(value, float):
        return not isfinite(value)
    if isinstance(value, list):
        return any(holds_unstorable(item) for item in value)
    if isinstance(value, dict):
        return any(holds_unstorable(item) for pair in value.items() for item in pair)
    return False
