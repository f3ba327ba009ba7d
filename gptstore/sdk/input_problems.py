"""Reads pydantic's errors in an input as rules of its JSON Schema, which have the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gptstore.sdk.error_messages import FORMAT, REQUIRED, TYPE, UNKNOWN, UNSTORABLE, error_message, of_entry
from gptstore.sdk.errors import FieldError
from gptstore.sdk.file import NO_FILE
from gptstore.sdk.input_model import FILES
from gptstore.sdk.messages import broken_rule_of_message, message_limits
from gptstore.sdk.parameter import Parameter
from gptstore.sdk.schema import KEYWORDS, LIST_KEYWORDS
from gptstore.sdk.translation import ENGLISH, Translation

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "string",
    "int_type": "integer",
    "int_from_float": "integer",
    "float_type": "number",
    "bool_type": "boolean",
    "list_type": "array",
    "model_type": "object",
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
    "unique": "uniqueItems",
}


def describe_problems(
    problems: Iterable[ErrorDetails], parameters: Mapping[str, Parameter], words: Translation = ENGLISH
) -> list[FieldError]:
    """Return one error for each wrong input; `field` is the name that the author gave it, "address.city" in a model."""
    found: dict[str, FieldError] = {}
    for problem in problems:
        error = _describe(problem, problem["loc"], parameters, words)
        found.setdefault(error["field"], error)
    return list(found.values())


def _describe(
    problem: ErrorDetails, place: Sequence[int | str], parameters: Mapping[str, Parameter], words: Translation
) -> FieldError:
    name = str(place[0]) if place else ""
    if name in parameters:
        return describe_problem(problem, parameters[name], place[1:], words)
    rule = _RULES.get(problem["type"], problem["type"])
    message = error_message(rule, list(parameters), words=words) or f"{problem['msg']}."
    return {"field": name, "message": message, "code": rule}


def describe_problem(
    problem: ErrorDetails, parameter: Parameter, place: Sequence[int | str], words: Translation = ENGLISH
) -> FieldError:
    """Return the error for one problem of one input. place: the position in the input, such as ("city",)."""
    if parameter.kind == "object" and place:
        inner = _describe(problem, place, {field.name: field for field in parameter.fields}, words)
        return {**inner, "field": f"{parameter.name}.{inner['field']}"}
    entry = next((part for part in place if isinstance(part, int)), None)
    rule, value = _broken_rule(problem, parameter, is_entry=entry is not None)
    message = error_message(rule, value, problem["input"], words) or f"{problem['msg']}."
    if entry is not None:
        message = of_entry(entry, message, words)
    return {"field": parameter.name, "message": message, "code": rule}


def _broken_rule(problem: ErrorDetails, parameter: Parameter, *, is_entry: bool) -> tuple[str, object]:
    """Return the rule's keyword and its value. is_entry: the problem is one of a list's entry."""
    kind = problem["type"]
    if parameter.kind == "messages" and (found := broken_rule_of_message(problem, parameter.last_role)):
        return found
    if kind in _RULES:
        return _RULES[kind], None
    if parameter.kind == "choice" or (parameter.kind == "choices" and is_entry):
        return "enum", parameter.choices
    if parameter.kind in FILES:
        rule = str(problem["msg"]) if kind == "file" else NO_FILE
        return rule, FILES[parameter.kind].suffixes
    if parameter.kind == "date":
        return FORMAT, "date"
    if kind in _TYPES:
        return TYPE, _TYPES[kind]
    if option := _OPTIONS.get(kind):
        if parameter.kind == "messages":
            return LIST_KEYWORDS[option], message_limits(parameter.options.given())[option]
        keywords = LIST_KEYWORDS if parameter.kind in ("list", "choices") else KEYWORDS
        return keywords[option], getattr(parameter.options, option)
    return kind, None
