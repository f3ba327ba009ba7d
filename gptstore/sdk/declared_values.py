"""Checks the values that an author declares beside an input's type: its options, examples and default."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gptstore.sdk.errors import Unsupported
from gptstore.sdk.field import Field
from gptstore.sdk.input_model import CHECKS, python_type
from gptstore.sdk.input_problems import describe_problem
from gptstore.sdk.options import check_options
from gptstore.sdk.parameter import Parameter

NO_DEFAULT = inspect.Parameter.empty


def complete(parameter: Parameter, default: Any) -> Parameter:
    """Return the parameter with its default, NO_DEFAULT for none. Raises Unsupported for a value that does not fit."""
    check_options(parameter)
    for example in parameter.options.examples or ():
        _check_value(parameter, example, "example")
    return _with_default(parameter, default)


def _with_default(parameter: Parameter, default: Any) -> Parameter:
    if default is NO_DEFAULT:
        return replace(parameter, required=not parameter.optional)
    if isinstance(default, Field) or type(default).__name__ == "FieldInfo":
        raise Unsupported("Field(…) is not a default; write `name: Annotated[type, Field(…)] = default`")
    if default is None and not parameter.optional:
        raise Unsupported("the default None needs an optional type, such as `str | None`")
    value = _check_value(parameter, default, "default")
    return replace(parameter, required=False, default=value)


def _check_value(parameter: Parameter, value: Any, what: str) -> Any:
    config = None if parameter.kind == "object" else CHECKS  # an object's type has its own
    adapter: TypeAdapter[Any] = TypeAdapter(python_type(parameter), config=config)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        problem = describe_problem(found, parameter, found["loc"])
        _, _, field = problem["field"].partition(".")
        advice = f"{field}: {problem['message']}" if field else problem["message"]
        raise Unsupported(f"the {what} {value!r} does not fit: {advice.rstrip('.')}") from None
