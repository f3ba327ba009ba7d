"""What the author of a tool can say about how much a run of it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """One such limit: in what it is counted, and the least that makes sense."""

    unit: str
    least: int = 1


BOUNDS = {
    "max_seconds": Bound("seconds"),
    "max_memory_mb": Bound("megabytes", least=16),  # to read the longest input may take eight
    "max_output_bytes": Bound("bytes"),
    "max_model_tokens": Bound("tokens"),
    "max_log_lines": Bound("lines"),
}
"""By their names in `@tool` and in the manifest."""


def find_problem(name: str, value: object) -> str:
    """What is wrong with the value of this limit; "" when nothing is. None is no limit of the tool's own."""
    bound = BOUNDS[name]
    if value is None or (type(value) is int and value >= bound.least):
        return ""
    return f"{name}={value!r} must be a whole number of {bound.unit}, {bound.least} or more"
