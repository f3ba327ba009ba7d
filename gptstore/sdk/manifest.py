"""The JSON that describes a plugin and its tools, so that nobody else has to import its code."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import Distribution
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, create_model

from gptstore.sdk.declaration import Example
from gptstore.sdk.limits import LIMITS
from gptstore.sdk.output import OutputKind
from gptstore.sdk.package import read_package
from gptstore.sdk.texts import Translations
from gptstore.sdk.tools import Tool


class ToolFields(BaseModel):
    """One tool, as data, without its limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    title: str
    summary: str
    description: str
    category: str
    tags: list[str]
    icon: str = ""
    output: OutputKind
    language: str | None
    language_input: str | None
    network: bool = False
    settings_schema: dict[str, Any] | None = None
    input_schema: dict[str, Any]
    examples: list[Example]
    translations: Translations = {}

    @classmethod
    def from_tool(cls, tool: Tool) -> Self:
        values = {name: getattr(tool, name) for name in cls.model_fields}
        return cls.model_validate(values | {"tags": list(tool.tags), "examples": list(tool.examples)})


if TYPE_CHECKING:

    class ToolManifest(ToolFields):
        """One tool, as data."""

else:
    _LIMIT_FIELDS = dict.fromkeys(LIMITS, (int | None, None))
    ToolManifest = create_model("ToolManifest", __base__=ToolFields, __doc__="One tool, as data.", **_LIMIT_FIELDS)


class Manifest(BaseModel):
    """One plugin, as data. `model_dump_json()` and `model_validate_json()` are each other's inverse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    name: str
    version: str
    summary: str = ""
    author: str = ""
    license: str = ""
    homepage: str = ""
    tools: list[ToolManifest]

    @classmethod
    def from_plugin(cls, distribution: Distribution, tools: Sequence[Tool]) -> Self:
        """Return the manifest of an installed package that offers these tools."""
        package = read_package(distribution)
        return cls(**package, tools=[ToolManifest.from_tool(tool) for tool in tools])
