"""The flags of a tool: one for each input, read from the JSON Schema of its inputs.

`--max-words` is the input `max_words`, `--address.city` the entry `city` of the input `address`. Nothing here reads
a file, a store or `sys.argv`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "switch", "choice", "date", "file", "messages", "json"]
Schema = Mapping[str, Any]

_KINDS: dict[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "switch"}


@dataclass(frozen=True)
class Flag:
    """One flag of a tool.

    name: as it is typed, `--max-words`. path: where its value is in the input. schema: of its value, or of each
    entry where `many`: such a flag is repeated. field: the schema of the whole input, with title and description.
    """

    name: str
    path: tuple[str, ...]
    kind: Kind
    schema: Schema
    field: Schema = field(repr=False)
    required: bool = False
    many: bool = False

    @property
    def negative(self) -> str:
        """Return the flag that switches it off."""
        return f"--no-{self.name[2:]}"

    @property
    def choices(self) -> list[Any]:
        return list(self.schema.get("enum", ()))

    @property
    def takes_pipe(self) -> bool:
        """Return whether what comes through a pipe can be its value."""
        return self.kind in ("text", "messages", "file") and not self.many


def read_flags(schema: Schema, reserved: Collection[str] = ()) -> list[Flag]:
    """Return a flag for each input, in the schema's order.

    reserved: names of flags that the command itself has. An input of such a name is reached as `--input-NAME`.
    """
    taken = set(reserved)
    return [_name(flag, taken) for flag in _flags(schema, (), required=True)]


def without_null(schema: Schema) -> tuple[Schema, bool]:
    """Return the schema of a value that is not null, and whether it may be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    return (kinds[0], True) if len(kinds) == 1 and len(kinds) < len(schema["anyOf"]) else (schema, False)


def _flags(schema: Schema, path: tuple[str, ...], *, required: bool) -> Iterator[Flag]:
    for name, described in schema.get("properties", {}).items():
        inner, nullable = without_null(described)
        needed = required and name in schema.get("required", ())
        if inner.get("type") == "object" and inner.get("properties"):
            yield from _flags(inner, (*path, name), required=needed and not nullable)
        else:
            yield _flag((*path, name), inner, described, needed)


def _flag(path: tuple[str, ...], value: Schema, described: Schema, required: bool) -> Flag:
    name = "--" + ".".join(path).replace("_", "-")
    if described.get("x-widget") == "messages":
        return Flag(name, path, "messages", value, described, required)
    many = value.get("type") == "array" and _kind(value.get("items", {})) != "json"
    entry = value["items"] if many else value
    return Flag(name, path, _kind(entry), entry, described, required, many)


def _kind(value: Schema) -> Kind:
    if "enum" in value:
        return "choice"
    if value.get("type") == "string" and value.get("format") == "date":
        return "date"
    if "x-file" in value:
        return "file"
    return _KINDS.get(value.get("type", ""), "json")


def _name(flag: Flag, taken: set[str]) -> Flag:
    """Give the flag a name that no other one has, and note it."""
    while taken & _names(flag):
        flag = Flag(**{**vars(flag), "name": f"--input-{flag.name[2:]}"})
    taken |= _names(flag)
    return flag


def _names(flag: Flag) -> set[str]:
    return {flag.name, flag.negative} if flag.kind == "switch" and not flag.many else {flag.name}
