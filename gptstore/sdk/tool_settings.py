"""Settings of a tool, which an administrator of the store fills in: their JSON Schema, and their values in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from gptstore.sdk.errors import ToolDefinitionError, ToolError
from gptstore.sdk.schema import KEYWORDS, LIST_KEYWORDS

_TYPES = ("string", "integer", "number", "boolean", "array")
_HINTS = {"title", "description", "default", "examples", "type", "enum", "anyOf", "items", "writeOnly"}
_KNOWN = _HINTS | {*KEYWORDS.values()} | {*LIST_KEYWORDS.values()}
SUPPORTED = "str, SecretStr, int, float, bool, Literal[...] and Enum of texts or of whole numbers, list[str], or None"


def settings_schema(tool: str, kind: object) -> dict[str, Any]:
    """Return the flat JSON Schema of a pydantic model, whose fields are of the kinds that inputs have.

    A secret, a SecretStr, is `writeOnly`. Raises ToolDefinitionError.
    """
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        raise ToolDefinitionError(f"tool {tool}: settings= takes a pydantic model (the class), not {kind!r}")
    try:
        schema = kind.model_json_schema()
    except Exception as error:
        raise ToolDefinitionError(f"tool {tool}: there is no schema of {kind.__name__} ({error})") from None
    properties = {
        name: {"title": name.replace("_", " ").capitalize()}
        | _property(f"tool {tool}, setting {name!r}", found, schema.get("$defs", {}))
        for name, found in schema.get("properties", {}).items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def read_settings(kind: type[BaseModel] | None, values: Mapping[str, Any] | None) -> BaseModel | None:
    """Return the settings of a run, an instance of the tool's model; None where the tool declares none.

    Raises ToolError, which names the wrong setting and never its value.
    """
    if kind is None:
        return None
    try:
        return kind.model_validate(dict(values or {}))
    except ValidationError as error:
        places = [".".join(map(str, problem["loc"])) or "the whole" for problem in error.errors(include_url=False)]
    named = ", ".join(dict.fromkeys(places))
    raise ToolError(f"The settings of this tool do not fit: {named}. Tell the administrators of this site.")


def _property(where: str, found: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    schema = _plain(where, found, definitions)
    if "anyOf" in schema:
        schema["anyOf"] = [_plain(where, inner, definitions) for inner in schema["anyOf"]]
        real = [inner for inner in schema["anyOf"] if inner.get("type") != "null"]
        if len(real) != 1 or len(schema["anyOf"]) != 2:
            raise ToolDefinitionError(f"{where}: several types are not supported; supported are {SUPPORTED}")
        if real[0].pop("writeOnly", False):
            schema["writeOnly"] = True
    else:
        real = [schema]
    is_texts = real[0].get("type") != "array" or real[0].get("items") == {"type": "string"}
    if real[0].get("type") not in _TYPES or not is_texts:
        raise ToolDefinitionError(f"{where}: its type is not supported; supported are {SUPPORTED}")
    if schema.get("writeOnly") and schema.get("default"):
        raise ToolDefinitionError(f"{where}: a secret has no default that everybody can read")
    return schema


def _plain(where: str, found: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of one value without references."""
    schema = dict(found)
    if (reference := schema.pop("$ref", None)) is not None:
        target = dict(definitions[reference.rpartition("/")[2]])
        schema = {**{key: value for key, value in target.items() if key not in ("title", "description")}, **schema}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if schema.get("format") == "password":
        del schema["format"]
    if unknown := sorted(schema.keys() - _KNOWN):
        raise ToolDefinitionError(f"{where}: {unknown[0]} is not supported; supported are {SUPPORTED}")
    return schema
