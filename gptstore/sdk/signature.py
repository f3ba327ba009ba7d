"""Reads the inputs of a tool from its function's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

from gptstore.sdk.context import Context
from gptstore.sdk.declared_values import complete
from gptstore.sdk.errors import ToolDefinitionError, Unsupported, UnsupportedType
from gptstore.sdk.nested_model import with_fields
from gptstore.sdk.parameter import SUPPORTED, Parameter, read_annotation, show_type


def read_signature(tool: str, function: Callable[..., Any]) -> list[Parameter]:
    """Return the inputs of `function` in order, without the leading context. Raises ToolDefinitionError.

    tool: the name to use in error messages.
    """
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ToolDefinitionError(f"tool {tool}: async functions are not supported; write `def` instead of `async def`")
    declared = list(inspect.signature(function).parameters.values())
    _check_context(tool, function, declared)
    return [_read_input(tool, function, item) for item in declared[1:]]


def _check_context(tool: str, function: Callable[..., Any], declared: list[inspect.Parameter]) -> None:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    problem = f"tool {tool}: the first parameter must be the context"
    mend = f"write def {function.__name__}(ctx: Context, …)"
    if not declared or declared[0].kind not in positional:
        raise ToolDefinitionError(problem, mend)
    first = declared[0]
    if first.annotation is inspect.Parameter.empty:
        raise ToolDefinitionError(f"{problem}, but {first.name!r} has no annotation", mend)
    annotation = _evaluate(tool, function, first)
    if annotation is not Context:
        raise ToolDefinitionError(f"{problem}, but {first.name!r} is {show_type(annotation)}", mend)


def _read_input(tool: str, function: Callable[..., Any], declared: inspect.Parameter) -> Parameter:
    where = f"tool {tool}, parameter {declared.name!r}"
    if declared.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        stars = "*" if declared.kind is inspect.Parameter.VAR_POSITIONAL else "**"
        raise ToolDefinitionError(f"{where}: {stars}{declared.name} is not supported; name each input")
    if declared.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise ToolDefinitionError(f"{where}: positional-only is not supported, because inputs go by name")
    if declared.name.startswith("_"):
        raise ToolDefinitionError(f"{where}: the name of an input must not start with an underscore")
    if declared.annotation is inspect.Parameter.empty:
        raise ToolDefinitionError(f"{where}: a type annotation is missing. Supported are {SUPPORTED}")
    try:
        parameter = read_annotation(declared.name, _evaluate(tool, function, declared))
        if parameter.kind == "secret":
            raise UnsupportedType("a SecretStr is for settings")
        return complete(with_fields(parameter), declared.default)
    except UnsupportedType as error:
        raise ToolDefinitionError(f"{where}: {error}. Supported are {SUPPORTED}") from None
    except Unsupported as error:
        raise ToolDefinitionError(f"{where}: {error}") from None


def _evaluate(tool: str, function: Callable[..., Any], declared: inspect.Parameter) -> Any:
    """Return the annotation as an object, also under `from __future__ import annotations`."""

    def alone() -> None:
        """Carry this annotation alone, since the others may name what is imported for type checkers only."""

    alone.__annotations__ = {"it": declared.annotation}
    try:
        return get_type_hints(alone, globalns=function.__globals__, include_extras=True)["it"]
    except Exception as error:
        raise ToolDefinitionError(
            f"tool {tool}, parameter {declared.name!r}: the annotation {declared.annotation!r} can't be evaluated "
            f"({error}); import its names at the top of the module, outside `if TYPE_CHECKING`"
        ) from None
