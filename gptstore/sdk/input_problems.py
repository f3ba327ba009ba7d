"""Reads pydantic's errors in an input as rules of its JSON Schema, which have the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gptstore.sdk.error_messages import REQUIRED, TYPE, UNKNOWN, UNSTORABLE, error_message, of_entry
from gptstore.sdk.errors import FieldError
from gptstore.sdk.messages import broken_rule_of_message, message_limits
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.schema import KEYWORDS, LIST_KEYWORDS

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "string",
    "int_type": "integer",
    "int_from_float": "integer",
    "float_type": "number",
    "bool_type": "boolean",
    "list_type": "array",
}
_OPTIONS = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "too_short": "min_length",
    "too_long": "max_length",
}
_RULES = {
    "missing": REQUIRED,
    "extra_forbidden": UNKNOWN,
    "string_unicode": UNSTORABLE,
    "finite_number": UNSTORABLE,
}


def describe_problems(problems: Iterable[ErrorDetails], parameters: Mapping[str, Parameter]) -> list[FieldError]:
    """Return one error for each wrong input; `field` is the name that the author gave it."""
    found: dict[str, FieldError] = {}
    for problem in problems:
        field = str(problem["loc"][0]) if problem["loc"] else ""
        if field in parameters:
            error = describe_problem(problem, parameters[field])
        else:
            rule = _RULES.get(problem["type"], problem["type"])
            message = error_message(rule, list(parameters)) or f"{problem['msg']}."
            error = {"field": field, "message": message, "code": rule}
        found.setdefault(field, error)
    return list(found.values())


def describe_problem(problem: ErrorDetails, parameter: Parameter) -> FieldError:
    """Return the error for one problem of one input."""
    rule, value = _broken_rule(problem, parameter)
    message = error_message(rule, value, problem["input"]) or f"{problem['msg']}."
    entry = next((part for part in reversed(problem["loc"]) if isinstance(part, int)), None)
    if parameter.kind in ("list", "messages") and entry is not None:
        message = of_entry(entry, message)
    return {"field": parameter.name, "message": message, "code": rule}


def _broken_rule(problem: ErrorDetails, parameter: Parameter) -> tuple[str, object]:
    """Return the rule's keyword and its value."""
    kind = problem["type"]
    if parameter.kind == "messages" and (found := broken_rule_of_message(problem, parameter.last_role)):
        return found
    if kind in _RULES:
        return _RULES[kind], None
    if parameter.kind == "choice":
        return "enum", parameter.choices
    if kind in _TYPES:
        return TYPE, _TYPES[kind]
    if option := _OPTIONS.get(kind):
        keywords = LIST_KEYWORDS if parameter.kind in ("list", "messages") else KEYWORDS
        if parameter.kind == "messages":
            return keywords[option], message_limits(parameter.options.given())[option]
        return keywords[option], getattr(parameter.options, option)
    return kind, None
