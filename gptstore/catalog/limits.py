"""The limits of a tool's author on a run, beside `max_seconds`, which has a column of its own, and those of admins."""

from typing import Any

from django.core.exceptions import ValidationError

from gptstore.sdk.limits import LIMITS, SECONDS, find_problem

NAMES = [name for name in LIMITS if name != SECONDS.name]


def given_limits(described: dict[str, Any]) -> dict[str, Any]:
    """Return the limits that a tool in a manifest has, by their names there. Older manifests have none."""
    return {name: described[name] for name in NAMES if described.get(name) is not None}


def check_limits(limits: dict[str, Any]) -> None:
    """Raise ValidationError for limits that the SDK would have refused: a manifest may come from anywhere."""
    problems = [find_problem(name, limits[name]) if name in NAMES else f"{name} is unknown" for name in limits]
    if any(problems):
        raise ValidationError([problem for problem in problems if problem])


def check_admin_limits(limits: dict[str, Any]) -> None:
    """Raise ValidationError for limits of an admin that the SDK would refuse from an author."""
    if not isinstance(limits, dict):
        raise ValidationError('It has to be an object, such as {"max_seconds": 60}.')
    check_limits({name: limit for name, limit in limits.items() if name != SECONDS.name})
    if SECONDS.name in limits and (problem := find_problem(SECONDS.name, limits[SECONDS.name])):
        raise ValidationError(problem)
