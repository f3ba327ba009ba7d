"""Turns what pydantic found into sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from gptstore.sdk.errors import FieldError
from gptstore.sdk.parameter import Parameter

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_SENTENCES = {
    "missing": "This is required.",
    "string_type": "Give a text.",
    "string_unicode": "This text holds characters that are not valid Unicode.",
    "int_type": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "float_type": "Give a number.",
    "finite_number": "Give a number that is not infinite.",
    "bool_type": "Give true or false.",
    "list_type": "Give a list of texts.",
    "greater_than": "Give a number greater than {gt}.",
    "greater_than_equal": "Give a number that is at least {ge}.",
    "less_than": "Give a number less than {lt}.",
    "less_than_equal": "Give a number that is at most {le}.",
    "string_pattern_mismatch": "This does not have the expected form ({pattern}).",
}


def describe_problems(problems: Iterable[ErrorDetails], parameters: Mapping[str, Parameter]) -> list[FieldError]:
    """One entry for each wrong input; `field` is the name that the author gave it."""
    found: dict[str, FieldError] = {}
    for problem in problems:
        field = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "extra_forbidden":
            message = _unknown(field, parameters)
        elif field in parameters:
            message = describe_problem(problem, parameters[field])
        else:
            message = _sentence(problem)
        found.setdefault(field, {"field": field, "message": message})
    return list(found.values())


def describe_problem(problem: ErrorDetails, parameter: Parameter) -> str:
    """What to do about one problem of one input."""
    context: dict[str, Any] = problem.get("ctx") or {}
    if parameter.kind == "choice":
        return f"Choose one of: {', '.join(map(str, parameter.choices))}."
    match problem["type"]:
        case "string_too_short":
            limit = context["min_length"]
            return "This must not be empty." if limit == 1 else f"Write at least {limit} characters."
        case "string_too_long":
            return f"Write at most {_count(context['max_length'], 'character')}; this has {len(problem['input'])}."
        case "too_short":
            return f"Give at least {_count(context['min_length'], 'entry')}."
        case "too_long":
            return f"Give at most {_count(context['max_length'], 'entry')}; these are {len(problem['input'])}."
        case "string_type" if parameter.kind == "list" and problem["loc"]:
            return f"Entry {int(problem['loc'][-1]) + 1} is not a text."
    return _sentence(problem)


def _sentence(problem: ErrorDetails) -> str:
    sentence = _SENTENCES.get(problem["type"])
    if sentence is None:
        return f"{problem['msg']}."
    return sentence.format(**{name: _plain(value) for name, value in (problem.get("ctx") or {}).items()})


def _plain(limit: Any) -> Any:
    """pydantic makes the limits of a float floats: say "at least 1", not "at least 1.0"."""
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _unknown(field: str, parameters: Mapping[str, Parameter]) -> str:
    near = get_close_matches(field, parameters, n=1)
    if near:
        return f"This tool has no such input. Did you mean {near[0]!r}?"
    if not parameters:
        return "This tool has no inputs."
    return f"This tool has no such input. Its inputs are: {', '.join(parameters)}."


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {plural}"
