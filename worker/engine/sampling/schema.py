"""JSON Schemas of strangers: what is refused before anything is compiled, because it would take too long or crash."""

import json
from collections.abc import Iterator
from decimal import Decimal
from math import prod
from typing import Any

from worker.engine.errors import BadRequest

MAX_CHARACTERS = 65_536
"""A schema of this size with thousands of optional keys compiles in about a third of a second."""

MAX_LEVELS = 1_000
"""llguidance 1.9 follows references by recursion and overflows an 8 MiB stack at about 2,000 levels of JSON."""

MAX_MULTIPLES = 10_000
"""llguidance 1.9 makes a state for each remainder: `multipleOf: 1234567` took 17 s."""


def read_schema(text: str) -> dict[str, Any]:
    """Return the schema. Raises BadRequest for what is no JSON object or beyond the limits of this module."""
    if len(text) > MAX_CHARACTERS:
        raise BadRequest(f"The schema has {len(text)} characters; at most {MAX_CHARACTERS} can be used.")
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The schema is not JSON that can be read: {error}") from error
    if not isinstance(schema, dict):
        raise BadRequest('The schema must be a JSON object, such as {"type": "object"}.')
    nodes = list(_walk(schema))
    references = {node["$ref"] for _, node in nodes if isinstance(node.get("$ref"), str)}
    if (1 + len(references)) * max(level for level, _ in nodes) > MAX_LEVELS:
        raise BadRequest("The schema is nested too deeply, or has too many different $ref.")
    multiples = [node["multipleOf"] for _, node in nodes if type(node.get("multipleOf")) in (int, float)]
    if prod(map(_digits, multiples)) > MAX_MULTIPLES:
        raise BadRequest(f"The multipleOf of a schema, multiplied, must not have digits above {MAX_MULTIPLES}.")
    return schema


def _walk(schema: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give every JSON object in it with its level, counted in objects and arrays from 1."""
    left: list[tuple[int, Any]] = [(1, schema)]
    while left:
        level, value = left.pop()
        if isinstance(value, dict):
            yield level, value
            left.extend((level + 1, inner) for inner in value.values())
        elif isinstance(value, list):
            left.extend((level + 1, inner) for inner in value)


def _digits(number: float) -> int:
    """The number without its decimal point and the zeros at its end: 25 for 0.25, 1 for 1000."""
    return int("".join(map(str, Decimal(str(number)).normalize().as_tuple().digits))) or 1
