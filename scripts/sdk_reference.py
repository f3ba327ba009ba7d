"""Writes the reference of the SDK: each name with its signature and its docstring, as the code has them."""

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import Any, get_args

from gptstore.sdk import Field
from scripts.attribute_docstrings import docstring_after
from scripts.sdk_names import GROUPS, SDK, Group
from scripts.sdk_signatures import OPTIONS, declaration, plain, signature

WORDED = re.compile(r"(?P<names>[a-z_]+(?:, [a-z_]+)*): (?P<meaning>.+)")
"""A line of a docstring that explains parameters or attributes."""

LIMITS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


def render_sdk() -> str:
    """Return the generated part of the page. Raises ValueError for a name without a docstring."""
    return "\n".join(section for group in GROUPS for section in sections_of(group))


def sections_of(group: Group) -> Iterator[str]:
    yield f"## {group.title}\n\n{group.sentence}\n"
    for module, names in group.names.items():
        for name in names:
            yield section(module, name)


def section(module: str, name: str) -> str:
    """Return the section of one name: where it is imported from, its declaration, and what it says of itself."""
    value = getattr(import_module(module), name)
    title = name if module == SDK else f"{module.removeprefix(f'{SDK}.')}.{name}"
    shown = declaration(name, value)
    space = "\n\n\n" if ":\n" in shown else "\n\n"  # as the formatter has it before the body of a class
    declared = code(f"from {module} import {name}{space}{shown}")
    more = members(value) if inspect.isclass(value) else ()
    return "\n\n".join([f"### `{title}`", declared, about(module, name, value), *more]) + "\n"


def about(module: str, name: str, value: Any) -> str:
    if inspect.isclass(value) or inspect.isroutine(value):
        return as_markdown(value, inspect.getdoc(value), name)
    for limits in get_args(value):
        if isinstance(limits, Field):
            return f"{limits.description} {bounds(limits)}".strip()
    return as_markdown(value, docstring_after(module, name), name)


def bounds(limits: Field) -> str:
    """Return the limits of an input as a sentence."""
    given = limits.given()
    found = [text.format(f"{given[name]:,}") for name, text in LIMITS.items() if name in given]
    if "max_length" in given:
        found.append(f"at most {given['max_length']} entries")
    return f"{', '.join(found).capitalize()}." if found else ""


def members(value: type) -> Iterator[str]:
    """Yield each public method and property of a class, with its docstring."""
    for name, member in vars(value).items():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if name.startswith("_"):
            continue
        if isinstance(function, property | cached_property):
            getter: Any = function.fget if isinstance(function, property) else function.func
            shown = f"{name}: {plain(inspect.signature(getter).return_annotation)}"
        elif inspect.isfunction(function):
            shown = signature(name, function)
        else:
            continue
        text = docstring_of(value, name)
        yield f"{code(shown)}\n\n{as_markdown(function, text, f'{value.__name__}.{name}')}"


def docstring_of(value: type, name: str) -> str | None:
    """Return the docstring of a member, or of that which it overrides."""
    found = (inspect.getdoc(vars(base)[name]) for base in value.__mro__ if name in vars(base))
    return next(filter(None, found), None)


def code(text: str) -> str:
    return f"```python\n{text}\n```"


def as_markdown(value: Any, text: str | None, name: str) -> str:
    """Return a docstring as Markdown. Raises ValueError where there is none."""
    if not (text or "").strip():
        raise ValueError(f"{name} has no docstring: say in a sentence what it is for")
    known = known_names(value)
    return "\n\n".join("\n".join(lines_of(part.split("\n"), known)) for part in (text or "").split("\n\n"))


def known_names(value: Any) -> set[str] | None:
    """Return the parameters that a docstring may explain; None for a class, which has attributes too."""
    if not inspect.isfunction(value):
        return None
    options = OPTIONS.get(value.__name__)
    return {*inspect.signature(value).parameters, *(options.__annotations__ if options else ())}


def lines_of(lines: list[str], known: set[str] | None) -> Iterator[str]:
    """Yield the lines of a paragraph, with `name: meaning` as an item of a list."""
    in_list = False
    for number, line in enumerate(lines):
        found = WORDED.fullmatch(line)
        names = found["names"].split(", ") if found else []
        if found and (known is None or known.issuperset(names)):
            if number and not in_list:
                yield ""
            in_list = True
            yield f"- {', '.join(f'`{name}`' for name in names)}: {found['meaning']}"
        elif line.startswith("Raises ") and number:
            in_list = False
            yield f"\n{line}"
        else:
            yield f"  {line.strip()}" if in_list else line.strip()
