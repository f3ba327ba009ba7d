"""Checks the JSON Schema of an answer: what no engine can hold a model to is refused before a model is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from math import prod
from typing import Any

from gptstore.sdk.errors import ParameterError

MAX_CHARACTERS = 65_536
"""A schema of this size with thousands of optional keys compiles in about a third of a second."""

MAX_LEVELS = 1_000
"""llguidance 1.9 follows references by recursion and overflows an 8 MiB stack at about 2,000 levels of JSON."""

MAX_MULTIPLES = 10_000
"""llguidance 1.9 makes a state for each remainder: `multipleOf: 1234567` took 17 s."""

UNSUPPORTED = {
    *("$dynamicRef", "$recursiveRef", "contains", "dependencies", "dependentRequired", "dependentSchemas", "else"),
    *("if", "maxContains", "minContains", "not", "propertyNames", "then", "unevaluatedItems"),
    *("unevaluatedProperties", "uniqueItems"),
}
"""The keywords of JSON Schema that llguidance 1.9 can't follow. Words that are none of JSON Schema's have no effect."""

NAMED = {"properties", "patternProperties", "$defs", "definitions"}
"""The keywords whose values have a schema under each name."""

DATA = {"const", "default", "enum", "example", "examples"}
"""The keywords whose values are no schemas."""

LOOK_AROUND = re.compile(r"(?<!\\)(?:\\\\)*\(\?<?[=!]")


def check_schema(schema: object) -> None:
    """Check a schema without compiling it. Raises ParameterError for one that some engine can't use."""
    if not isinstance(schema, dict):
        raise ParameterError('The schema must be a JSON object, such as {"type": "object"}.')
    _check_size(schema)
    for one in _subschemas(schema):
        if unsupported := sorted(UNSUPPORTED & one.keys()):
            raise ParameterError(f"The schema can't be used: Unimplemented keys: {json.dumps(unsupported)}")
        pattern = one.get("pattern")
        if isinstance(pattern, str) and LOOK_AROUND.search(pattern):
            raise ParameterError("The schema can't be used: no look-around, as in `(?!…)`, works in a pattern.")
        if one.keys() & {"minProperties", "maxProperties"} and set(one.get("properties", ())) - set(
            one.get("required", ())
        ):
            raise ParameterError("The schema can't be used: it counts properties of which some are optional.")


def _check_size(schema: dict[str, Any]) -> None:
    nodes = list(_walk(schema))
    references = {node["$ref"] for _, node in nodes if isinstance(node.get("$ref"), str)}
    if (1 + len(references)) * max(level for level, _ in nodes) > MAX_LEVELS:
        raise ParameterError("The schema is nested too deeply, or has too many different $ref.")
    try:
        size = len(json.dumps(schema))
    except RecursionError:
        raise ParameterError("The schema is nested too deeply, or has too many different $ref.") from None
    if size > MAX_CHARACTERS:
        raise ParameterError(f"The schema has {size} characters; at most {MAX_CHARACTERS} can be used.")
    multiples = [node["multipleOf"] for _, node in nodes if type(node.get("multipleOf")) in (int, float)]
    if prod(map(_digits, multiples)) > MAX_MULTIPLES:
        raise ParameterError(f"The multipleOf of a schema, multiplied, must not have digits above {MAX_MULTIPLES}.")


def _walk(schema: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield every JSON object in it with its level, counted in objects and arrays from 1."""
    left: list[tuple[int, Any]] = [(1, schema)]
    while left:
        level, value = left.pop()
        if isinstance(value, dict):
            yield level, value
            left.extend((level + 1, inner) for inner in value.values())
        elif isinstance(value, list):
            left.extend((level + 1, inner) for inner in value)


def _subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schema and all schemas in it, and none of the data: a property may be called `not`."""
    left: list[Any] = [schema]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left.extend(value)
        elif isinstance(value, dict):
            yield value
            for key, inner in value.items():
                if key in NAMED and isinstance(inner, dict):
                    left.extend(inner.values())
                elif key not in DATA:
                    left.append(inner)


def _digits(number: float) -> int:
    """Return the number without its decimal point and the zeros at its end: 25 for 0.25, 1 for 1000."""
    return int("".join(map(str, Decimal(str(number)).normalize().as_tuple().digits))) or 1
