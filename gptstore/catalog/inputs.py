"""Checks an input against a tool's schema. The same check serves the page, the API and every later face."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import translation
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.files import find_too_large
from gptstore.catalog.patterns import is_mismatch, matching
from gptstore.sdk.error_messages import (
    FORMAT,
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
from gptstore.sdk.file import file_problem
from gptstore.sdk.form.properties import Property, Schema, fill_defaults, names_of, nested_schema, without_null
from gptstore.sdk.input_model import FILES, is_storable_value
from gptstore.sdk.messages import ends_with
from gptstore.sdk.schema import KEYWORDS as VALUE_KEYWORDS
from gptstore.sdk.schema import LIST_KEYWORDS
from gptstore.sdk.text import storable

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
    filled = fill_defaults(schema, data)
    first: dict[str, FieldError] = {}
    try:
        for error in find_errors(schema, filled):
            first.setdefault(error["field"], error)
    except RecursionError:
        raise InvalidInput([{"field": "", "message": too_deep(translation), "code": "depth"}]) from None
    if first:
        raise InvalidInput(sorted(first.values(), key=lambda error: field_order(schema, error["field"])))
    return filled


def field_order(schema: Schema, field: str) -> tuple[int, int]:
    """Return the place of a field in the form: of the input, and of the field within it. Unknown ones come last."""
    names = list(schema.get("properties", {}))
    outer, _, inner = field.partition(".")
    if outer not in names:
        return len(names), 0
    fields = names_of(nested_schema(schema["properties"][outer]))
    return names.index(outer), fields.index(inner) if inner in fields else len(fields) if inner else -1


def find_errors(schema: Schema, data: dict[str, Any]) -> Iterator[FieldError]:
    """Find the errors of an input. Of two errors for the same field the first counts."""
    yield from find_wrong_names(schema, data)
    with matching():
        validator = InputValidator(schema, format_checker=FORMATS)
        found = [error for outer in validator.iter_errors(data) for error in without_alternatives(outer)]
    for error in sorted(found, key=lambda error: FIRST.get(str(error.validator), len(FIRST))):
        yield describe(error)
    for name, rule, limit, size in find_too_large(schema, data):
        message = error_message(rule, limit, size, words=translation)
        yield {"field": name, "message": message, "code": rule}


def find_wrong_names(schema: Schema, data: dict[str, Any], within: str = "") -> Iterator[FieldError]:
    """Find what is missing, unknown or unstorable, also in objects; `within` is the path to one, "address."."""
    fields = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in data:
            yield broken(within + name, REQUIRED)
    for name, value in data.items():
        if name not in fields:
            yield broken(within + storable(name, "?"), UNKNOWN, list(fields))
        elif (nested := nested_schema(fields[name])) is not None:
            if isinstance(value, dict):
                yield from find_wrong_names(nested, value, f"{within}{name}.")
        elif not is_storable_value(value):
            yield broken(within + name, UNSTORABLE)
        else:
            yield from find_wrong_entries(fields[name], value, within + name)


def find_wrong_entries(prop: Property, entries: object, field: str) -> Iterator[FieldError]:
    """Find what is missing or unknown in the entries of a list of objects."""
    items = without_null(prop)[0].get("items", {})
    if items.get("type") != "object" or not isinstance(entries, list):
        return
    for place, entry in enumerate(entries):
        if isinstance(entry, dict):
            for error in find_wrong_names(items, entry):
                yield {**error, "field": field, "message": of_entry(place, error["message"], translation)}


def without_alternatives(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the errors beside "or null" of an optional value; the error itself where it is of another kind."""
    if error.validator != "anyOf" or not error.context:
        yield error
        return
    for inner in error.context:
        if inner.validator_value != "null":
            yield from without_alternatives(inner)


def check_pattern(_validator: object, pattern: object, text: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(text, str) and is_mismatch(pattern, text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


def check_last_role(_validator: object, role: object, messages: object, _schema: object) -> Iterator[ValidationError]:
    if not ends_with(messages, role):
        yield ValidationError(f"the last message has not the role {role!r}")


def check_file(_validator: object, kind: object, value: object, _schema: object) -> Iterator[ValidationError]:
    suffixes = FILES[kind].suffixes if isinstance(kind, str) and kind in FILES else ()
    if rule := file_problem(value, suffixes):
        yield ValidationError(rule, validator=rule, validator_value=suffixes, instance=value)


STRUCTURE = {"x-file", "type", "enum", "anyOf", "items", "properties", "format", "uniqueItems", LAST_ROLE}
KEYWORDS = {*STRUCTURE, *VALUE_KEYWORDS.values(), *LIST_KEYWORDS.values()}
"""What the SDK makes schemas of. Other keywords, such as `$ref`, would have this process fetch or match anything."""

FORMATS = FormatChecker(["date"])
FIRST = {"maxItems": 0, "enum": 1}
"""The rules whose errors come before those of others of the same field, as in the tool's own check."""

InputValidator = create(
    Draft202012Validator.META_SCHEMA,
    {name: rule for name, rule in Draft202012Validator.VALIDATORS.items() if name in KEYWORDS}
    | {"pattern": check_pattern, "x-file": check_file, LAST_ROLE: check_last_role},
    type_checker=Draft202012Validator.TYPE_CHECKER,
)


def broken(field: str, rule: str, value: object = None) -> FieldError:
    return {"field": field, "message": error_message(rule, value, words=translation), "code": rule}


def describe(error: ValidationError) -> FieldError:
    """Name the field, "address.city" within an object, and the rule that is broken."""
    path = list(error.absolute_path)
    place = next((position for position, part in enumerate(path) if isinstance(part, int)), None)
    rule, value = str(error.validator), error.validator_value
    if rule == TYPE and isinstance(error.schema, Mapping) and FORMAT in error.schema:
        rule, value = FORMAT, error.schema[FORMAT]
    message = error_message(rule, value, error.instance, translation)
    message = message or storable(str(error.message), "?")[:MAX_MESSAGE]
    if place is not None:
        message = of_entry(int(path[place]), message, translation)
        path = path[:place]
    return {"field": ".".join(map(str, path)), "message": message, "code": rule}
