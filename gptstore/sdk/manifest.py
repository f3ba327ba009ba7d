"""The JSON that describes a plugin and its tools, so that nobody else has to import its code."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import Distribution
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from gptstore.sdk.package import read_package
from gptstore.sdk.tool import Example, OutputKind, Tool


class ToolManifest(BaseModel):
    """One tool, as data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    title: str
    summary: str
    description: str
    category: str
    tags: list[str]
    output: OutputKind
    language: str | None
    language_input: str | None
    max_seconds: int | None = None
    max_memory_mb: int | None = None
    max_output_bytes: int | None = None
    max_model_tokens: int | None = None
    max_log_lines: int | None = None
    network: bool = False
    input_schema: dict[str, Any]
    examples: list[Example]

    @classmethod
    def from_tool(cls, tool: Tool) -> Self:
        values = {name: getattr(tool, name) for name in cls.model_fields}
        return cls.model_validate(values | {"tags": list(tool.tags), "examples": list(tool.examples)})


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
        """The manifest of an installed package that offers these tools."""
        package = read_package(distribution)
        return cls(**package, tools=[ToolManifest.from_tool(tool) for tool in tools])
