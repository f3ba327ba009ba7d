"""Settings that a tool declares, and an administrator fills in."""

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from gptstore.sdk import Context, ToolDefinitionError, ToolError, tool
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.testing import run


class Region(Enum):
    EU = "eu"
    US = "us"


class Service(BaseModel):
    token: SecretStr
    url: Annotated[str, Field(title="Address", description="Of the service", min_length=3)] = "https://a.example"
    region: Region = Region.EU
    mode: Literal["fast", "slow"] | None = None
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    words: list[str] = []
    second: SecretStr | None = None


@tool(settings=Service)
def weather(ctx: Context, city: str) -> str:
    """Tell the weather."""
    return f"{city} {ctx.settings.region.value} {ctx.settings.token.get_secret_value()} {ctx.settings!r}"


def test_the_manifest_has_the_schema_of_the_settings() -> None:
    schema = ToolManifest.from_tool(weather).settings_schema

    assert schema is not None
    assert schema["required"] == ["token"]
    assert schema["properties"]["token"] == {"title": "Token", "type": "string", "writeOnly": True}
    assert schema["properties"]["second"]["writeOnly"]
    assert schema["properties"]["region"] == {
        "title": "Region",
        "type": "string",
        "enum": ["eu", "us"],
        "default": "eu",
    }
    assert schema["properties"]["url"]["title"] == "Address"
    assert schema["properties"]["retries"]["maximum"] == 5


def test_a_test_gives_the_settings() -> None:
    done = run(weather, city="Bonn", settings=Service(token=SecretStr("abc")))

    assert done.output.startswith("Bonn eu abc ")
    assert done.output.count("abc") == 1


def test_a_test_without_required_settings_is_told_so() -> None:
    with pytest.raises(ToolError, match="settings of this tool do not fit: token"):
        run(weather, city="Bonn")


def test_settings_have_their_defaults() -> None:
    class Modest(BaseModel):
        size: int = 3

    @tool(settings=Modest)
    def modest(ctx: Context) -> str:
        """Say the size."""
        return str(ctx.settings.size)

    @tool
    def without(ctx: Context) -> str:
        """Say that there are none."""
        return str(ctx.settings)

    assert run(modest).output == "3"
    assert run(without).output == "None"


class Nested(BaseModel):
    inner: Service


class Readable(BaseModel):
    token: SecretStr = SecretStr("everybody sees it")


class Mixed(BaseModel):
    value: int | str


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Nested, "setting 'inner'"),
        (Readable, "setting 'token': a secret has no default"),
        (Mixed, "setting 'value': several types are not supported"),
        (Service(token=SecretStr("x")), "takes a pydantic model"),
        (dict, "takes a pydantic model"),
    ],
)
def test_settings_that_no_form_can_show_are_refused(kind: Any, message: str) -> None:
    def bad(ctx: Context) -> str:
        """Do nothing."""
        return ""

    with pytest.raises(ToolDefinitionError, match=message):
        tool(settings=kind)(bad)
