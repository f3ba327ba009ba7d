"""The form of a tool for programs: one for every face, and what documents that form."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, create_model

from gptstore.catalog.limits import NAMES
from gptstore.catalog.models import Tool
from gptstore.catalog.tool_settings import find_problem, read_given_to_all
from gptstore.sdk.limits import LIMITS, SECONDS
from gptstore.sdk.output import OutputKind

OrNull = Annotated[str | None, BeforeValidator(lambda text: text or None)]
"""A text that is null where the catalogue has an empty one."""


class Example(BaseModel):
    title: str
    input: dict[str, Any]


class ToolLinks(BaseModel):
    get: str
    jobs: str = Field(description="Where to POST an input.")
    web: str
    icon: str | None = Field(description="Its icon, an SVG or PNG; null where it has none of its own.")


if TYPE_CHECKING:

    class ToolLimits(BaseModel): ...

else:
    ToolLimits = create_model(
        "ToolLimits",
        __doc__="What a run may take besides its time, as its author or an admin says; null: as the store allows.",
        **{name: (int | None, Field(None, description=LIMITS[name].description)) for name in NAMES},
    )


class ToolOut(BaseModel):
    """One tool of the catalogue."""

    slug: str
    title: str
    summary: str
    description: str = Field(description="More about the tool, as Markdown. May be empty.")
    category: str = Field(description="The slug of the category.")
    tags: list[str]
    output: str = Field(
        description="What kind of text the tool returns.",
        json_schema_extra={"enum": [kind.value for kind in OutputKind]},
    )
    language: OrNull = Field(description="The language of code output, when it is always the same.")
    language_input: OrNull = Field(description="The input that names the language of code output.")
    max_seconds: int | None = Field(
        description="How long a run may take, as its author or an admin says; null: as long as the store allows."
    )
    limits: ToolLimits
    network: bool = Field(description="Whether it asks for connections to other computers.")
    unavailable: OrNull = Field(description="Why no run can be started now; null when one can.")
    input_schema: dict[str, Any] = Field(description="JSON Schema (2020-12) of `input`.")
    examples: list[Example]
    version: str
    author: str
    plugin: str = Field(description="The package that offers it. No other one may take its slug.")
    urls: ToolLinks


def serialize_tools(tools: Collection[Tool], base_url: str) -> list[ToolOut]:
    """Return the tools for programs, with one query for the settings of all of them."""
    given = read_given_to_all(tools)
    return [serialize_tool(tool, base_url, given[tool.slug]) for tool in tools]


def serialize_tool(tool: Tool, base_url: str, given: dict[str, Any] | None = None) -> ToolOut:
    """Return the tool for programs. `base_url` is the site's address without a slash at its end.

    given: its settings, where they are at hand.
    """
    address = f"{base_url}/api/v1/tools/{tool.slug}"
    made: dict[str, Any] = {
        "category": tool.category.slug,
        "unavailable": find_problem(tool, given),
        "max_seconds": tool.limit(SECONDS),
        "limits": {name: tool.limit(LIMITS[name]) for name in NAMES},
        "urls": ToolLinks(
            get=address,
            jobs=f"{address}/jobs",
            web=base_url + tool.get_absolute_url(),
            icon=base_url + tool.icon_path if tool.icon_path else None,
        ),
    }
    columns = {name: getattr(tool, name) for name in ToolOut.model_fields if name not in made}
    return ToolOut.model_validate(columns | made)
