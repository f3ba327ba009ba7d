"""Makes a command from the flags of a tool: typer parses its arguments and writes its help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from gptstore.sdk.cli.flags import Flag
from gptstore.sdk.cli.terminal import harmless_line

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}
INPUTS = "Inputs of the tool"
_METAVARS = {
    "text": "TEXT|@FILE",
    "messages": "TEXT|JSON|@FILE",
    "integer": "NUMBER",
    "number": "NUMBER",
    "date": "DATE",
    "file": "FILE",
}

Action = Callable[[dict[str, Any], dict[str, Any]], None]
"""Takes the values of the command's own options by name, and those of the tool's flags by flag."""


def call_tool_command(
    arguments: Sequence[str],
    flags: Sequence[Flag],
    action: Action,
    *,
    program: str,
    about: str = "",
    options: Sequence[Parameter] = (),
    lenient: bool = False,
) -> None:
    """Parse the arguments and call the action, or print the help; typer ends the process for those that make no sense.

    program: what stands before the arguments, `gptstore run summarizer`. about: what the tool does. options: the
    command's own options, as parameters of a function with typer's annotations. lenient: leave aside what is unknown.
    """
    from rich.markup import escape

    names = {f"flag_{place}": flag.name for place, flag in enumerate(flags)}
    inputs = [_parameter(name, flag) for name, flag in zip(names, flags, strict=True)]

    def command(**values: Any) -> None:
        typed = {flag: values.pop(name) for name, flag in names.items()}
        action(values, typed)

    parameters = [*inputs, *(option.replace(kind=Parameter.KEYWORD_ONLY) for option in options)]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=HELP_OPTIONS)
    settings = {"ignore_unknown_options": True, "allow_extra_args": True} if lenient else {}
    app.command(help=escape(about), context_settings=settings)(command)
    app(args=[*arguments], prog_name=program)


def _parameter(name: str, flag: Flag) -> Parameter:
    from rich.markup import escape

    is_switch = flag.kind == "switch" and not flag.many
    names = f"{flag.name}/{flag.negative}" if is_switch else flag.name
    metavar = None if is_switch else _metavar(flag)
    option = typer.Option(names, metavar=metavar, help=escape(describe(flag)), rich_help_panel=INPUTS)
    value: Any = bool if is_switch else list[str] if flag.many else str
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[value | None, option])


def _metavar(flag: Flag) -> str:
    if flag.kind == "choice":
        return "|".join(harmless_line(str(choice)) for choice in flag.choices)
    if flag.kind == "switch":
        return "true|false"
    return _METAVARS.get(flag.kind, "JSON|@FILE")


def describe(flag: Flag) -> str:
    """Return the help of a flag in one line: what it is, and what its value can be."""
    schema = flag.field
    words = [str(schema.get("description") or schema.get("title") or flag.path[-1])]
    limits = [*_limits(flag)]
    if flag.many:
        limits.append("repeat it for several")
    if flag.required:
        limits.append("required")
    elif schema.get("default") is not None:
        limits.append(f"default: {_shown(schema['default'])}")
    if not words[0].endswith((".", "?", "!", "。")):
        words[0] += "."
    return harmless_line(" ".join([*words, *([f"[{'; '.join(limits)}]"] if limits else [])]))


def _limits(flag: Flag) -> list[str]:
    schema = flag.schema
    found = []
    for keyword, sign in (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="), ("exclusiveMaximum", "<")):
        if keyword in schema:
            found.append(f"{sign} {schema[keyword]}")
    if "maxLength" in schema:
        found.append(f"up to {schema['maxLength']} characters")
    return found


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default)
