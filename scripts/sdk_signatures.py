"""Writes how a name of the SDK is declared, as an author would write it."""

import inspect
import re
from typing import Any, get_args

from pydantic import BaseModel

from gptstore.sdk.tools import ToolOptions

OPTIONS = {"tool": ToolOptions}
"""The keywords of a function whose signature only says `**options`."""

SIGNS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
FORWARD = re.compile(r"ForwardRef\('([^']*)'[^)]*\)")
MODULES = re.compile(r"\b(?:typing|collections\.abc|typing_extensions|pydantic\.main|gptstore(?:\.\w+)*)\.(?=\w)")
WIDTH = 100


def declaration(name: str, value: Any) -> str:
    """Return the declaration of a function, a class, a type or a decorator."""
    if name in OPTIONS:
        options = [f"{key}: {plain(kind)} = ..." for key, kind in OPTIONS[name].__annotations__.items()]
        return wrapped(name, ["*", *options])
    if inspect.isroutine(value):
        return signature(name, value)
    if not inspect.isclass(value):
        return f"{name} = Annotated[{plain(get_args(value)[0])}, ...]" if get_args(value) else f"@{name}"
    if is_called(value):
        return signature(f"class {name}", value)
    attributes = [f"    {key}: {plain(kind)}" for key, kind in fields(value).items()]
    return "\n".join([f"class {name}({value.__bases__[0].__name__}):", *attributes]).removesuffix(":")


def is_called(value: type) -> bool:
    """Return whether authors make instances of a class, by an `__init__` of ours; dataclasses have one."""
    home = next((base for base in value.__mro__ if "__init__" in vars(base)), object)
    return home.__module__.startswith("gptstore.") and not issubclass(value, BaseException)


def fields(value: type) -> dict[str, Any]:
    if issubclass(value, BaseModel):
        return {key: field.annotation for key, field in value.model_fields.items()}
    return inspect.get_annotations(value)


def signature(name: str, value: Any) -> str:
    """Return the signature of a function, or of a class that is called. `self` and `cls` are nobody's to give."""
    found = inspect.signature(value)
    parameters = [parameter for parameter in found.parameters.values() if parameter.name not in ("self", "cls")]
    given = [argument(parameter) for parameter in parameters]
    kinds = [parameter.kind for parameter in parameters]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        given.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    has_result = not inspect.isclass(value) and found.return_annotation is not inspect.Signature.empty
    return wrapped(name, given, plain(found.return_annotation) if has_result else "")


def argument(parameter: inspect.Parameter) -> str:
    """Return a parameter; a default that nobody would write is `...`."""
    default = parameter.default
    shown = repr(default).replace("'", '"') if isinstance(default, str | int | float | None) else "..."
    end = "" if default is inspect.Parameter.empty else f" = {shown}"
    return f"{SIGNS.get(parameter.kind, '')}{parameter.name}: {plain(parameter.annotation)}{end}"


def wrapped(name: str, given: list[str], result: str = "") -> str:
    """Return a signature on one line, or on a line for each argument where that is too long."""
    end = f" -> {result}" if result else ""
    line = f"{name}({', '.join(given)}){end}"
    return line if len(line) <= WIDTH else "\n".join([f"{name}(", *(f"    {one}," for one in given), f"){end}"])


def plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return MODULES.sub("", FORWARD.sub(r"\1", text)).replace("'", "")
