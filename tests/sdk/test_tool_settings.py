"""Settings that a tool declares, and an administrator fills in."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pydantic
import pytest
from pydantic import BaseModel, SecretStr

from gptstore.sdk import Context, Document, Field, LongText, Messages, ToolDefinitionError, ToolError, tool
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.testing import run
from gptstore.sdk.tool_settings import read_settings


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


class Bulletin(BaseModel):
    token: Annotated[SecretStr, Field(title={"en": "Key", "zh-Hans": "密钥"}, min_length=3)]
    footer: Annotated[LongText, Field(placeholder="Yours", group={"en": "Style", "zh-Hans": "风格"})] = ""
    tones: Annotated[list[Literal["warm", "cool"]], Field(labels={"warm": "Warm"}, max_length=1)] = []
    begins: date = date(2026, 1, 31)
    title: str = pydantic.Field("News", title="Heading")


@tool(settings=Bulletin)
def bulletin(ctx: Context) -> str:
    """Write a bulletin."""
    return f"{ctx.settings!r}"


def test_settings_are_read_as_inputs_are() -> None:
    declared = ToolManifest.from_tool(bulletin)

    assert declared.settings_schema is not None
    assert declared.settings_schema["properties"] == {
        "token": {"title": "Key", "type": "string", "minLength": 3, "writeOnly": True},
        "footer": {
            "title": "Footer",
            "type": "string",
            "default": "",
            "x-widget": "longtext",
            "x-placeholder": "Yours",
            "x-group": "Style",
        },
        "tones": {
            "title": "Tones",
            "type": "array",
            "items": {"type": "string", "enum": ["warm", "cool"]},
            "maxItems": 1,
            "uniqueItems": True,
            "default": [],
            "x-labels": {"warm": "Warm"},
        },
        "begins": {"title": "Begins", "type": "string", "format": "date", "default": "2026-01-31"},
        "title": {"title": "Heading", "type": "string", "default": "News"},
    }
    assert declared.translations == {"zh-Hans": {"Key": "密钥", "Style": "风格"}}
    assert "Heading" in bulletin.texts()


def test_a_run_takes_no_value_that_the_form_would_refuse() -> None:
    settings = read_settings(Bulletin, {"token": "abc", "begins": "2026-02-28", "tones": ["cool"]})

    assert settings == Bulletin(token=SecretStr("abc"), begins=date(2026, 2, 28), tones=["cool"])
    with pytest.raises(ToolError, match=r"do not fit: token, tones, title, other\. Tell"):
        read_settings(Bulletin, {"token": "ab", "tones": ["warm", "cool"], "title": 3, "other": 1})


def test_a_secret_is_no_input_of_a_run() -> None:
    def asks(ctx: Context, token: SecretStr) -> str:
        """Ask."""
        return ""

    with pytest.raises(ToolDefinitionError, match="parameter 'token': a SecretStr is for settings"):
        tool(asks)


class Nested(BaseModel):
    inner: Service


class Readable(BaseModel):
    token: SecretStr = SecretStr("everybody sees it")


class Shown(BaseModel):
    token: Annotated[SecretStr, Field(examples=["everybody sees it"])]


class Talk(BaseModel):
    talk: Messages


class Papers(BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    paper: Document


class Limited(BaseModel):
    word: Annotated[str, pydantic.Field(min_length=2)]


class Mixed(BaseModel):
    value: int | str


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Nested, "setting 'inner'"),
        (Readable, "setting 'token': a secret has no default"),
        (Shown, "setting 'token': a secret has no examples"),
        (Talk, "setting 'talk': a conversation is not supported. Supported are str, LongText, SecretStr"),
        (Papers, "setting 'paper': a file inside a model is not supported"),
        (Limited, "setting 'word': use Field from gptstore.sdk instead of pydantic's"),
        (Mixed, "setting 'value': the type int | str mixes several types"),
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
