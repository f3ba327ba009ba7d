"""Checks that the options of a Field make sense together, so that a mistake shows when the tool is declared."""

from __future__ import annotations

import re

from gptstore.sdk.errors import Unsupported
from gptstore.sdk.parameter import Parameter

_BOUNDS = ("ge", "gt", "le", "lt")
_LENGTHS = ("min_length", "max_length")
_TEXTS = ("title", "description", "placeholder", "pattern", "group")


def check_options(parameter: Parameter) -> None:
    """Check a parameter's options. Raises Unsupported for a wrong type, and for limits that no value can meet."""
    given = parameter.options.given()
    for name in _TEXTS:
        if name in given and not isinstance(given[name], str):
            raise Unsupported(f"Field({name}={given[name]!r}) must be a text")
    for name in _LENGTHS:
        if name in given and (type(given[name]) is not int or given[name] < 0):
            raise Unsupported(f"Field({name}={given[name]!r}) must be a whole number, 0 or more")
    bounds = (int,) if parameter.kind == "integer" else (int, float)
    for name in _BOUNDS:
        if name in given and type(given[name]) not in bounds:
            kinds = "a whole number" if parameter.kind == "integer" else "a number"
            raise Unsupported(f"Field({name}={given[name]!r}) must be {kinds}")
    if not given.get("group", "all").strip():
        raise Unsupported("Field(group=…) must not be empty")
    _check_order(given)
    _check_pattern(parameter.options.pattern)
    if isinstance(parameter.options.examples, str):
        raise Unsupported("Field(examples=…) must be a list of values, not one text")


def _check_order(given: dict[str, float]) -> None:
    for low, high in (("ge", "le"), ("gt", "lt"), ("ge", "lt"), ("gt", "le"), ("min_length", "max_length")):
        if low not in given or high not in given:
            continue
        strict = "gt" in (low, high) or "lt" in (low, high)
        if given[low] > given[high] or (strict and given[low] == given[high]):
            raise Unsupported(f"no value fits Field({low}={given[low]}, {high}={given[high]})")


def _check_pattern(pattern: str | None) -> None:
    if pattern is None:
        return
    try:
        re.compile(pattern)
    except re.error as error:
        raise Unsupported(f"Field(pattern={pattern!r}) is not a regular expression ({error})") from None
