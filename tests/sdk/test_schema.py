"""The JSON Schema, and that the tool accepts exactly what its schema accepts."""

import itertools
import json
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel

from gptstore.sdk import Context, Field, InputError, LongText, Tool, tool


class Tone(Enum):
    """How it sounds."""

    WARM = "warm"
    COOL = "cool"


class Address(BaseModel):
    city: Annotated[str, Field(min_length=1)]
    since: date | None = None


def sample(annotation: Any, *default: Any) -> Tool:
    def sample(ctx: Context, value: Any) -> str:
        """A sample."""
        return str(value)

    sample.__annotations__["value"] = annotation
    sample.__defaults__ = default or None
    return tool(sample)


def property_of(annotation: Any, *default: Any) -> dict[str, Any]:
    schema: dict[str, Any] = sample(annotation, *default).input_schema["properties"]["value"]
    return schema


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (str, (), {"type": "string"}),
        (LongText, (), {"type": "string", "x-widget": "longtext"}),
        (int, (3,), {"type": "integer", "default": 3}),
        (float, (1,), {"type": "number", "default": 1.0}),
        (bool, (False,), {"type": "boolean", "default": False}),
        (Literal["a", "b"], ("b",), {"type": "string", "enum": ["a", "b"], "default": "b"}),
        (Literal["a"], (), {"type": "string", "enum": ["a"]}),
        (Literal[1, 2], (), {"type": "integer", "enum": [1, 2]}),
        (Tone, (Tone.COOL,), {"type": "string", "enum": ["warm", "cool"], "default": "cool"}),
        (list[str], (["a"],), {"type": "array", "items": {"type": "string"}, "default": ["a"]}),
        (str | None, (), {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
        (
            Annotated[LongText | None, Field(max_length=9, placeholder="Say…")],
            ("hi",),
            {
                "anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}],
                "default": "hi",
                "x-widget": "longtext",
                "x-placeholder": "Say…",
            },
        ),
        (
            Annotated[int, Field(ge=1, le=9, description="How many", examples=[2, 3])],
            (),
            {"type": "integer", "minimum": 1, "maximum": 9, "description": "How many", "examples": [2, 3]},
        ),
        (
            Annotated[float, Field(gt=0, lt=1)],
            (),
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        ),
        (
            Annotated[str, Field(min_length=1, max_length=3, pattern="^a")],
            (),
            {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"},
        ),
        (
            Annotated[list[str], Field(min_length=1, max_length=3)],
            (),
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        ),
        (date, (date(2026, 2, 28),), {"type": "string", "format": "date", "default": "2026-02-28"}),
        (
            Annotated[list[Tone], Field(max_length=1, group="More")],
            ([Tone.COOL],),
            {
                "type": "array",
                "items": {"type": "string", "enum": ["warm", "cool"]},
                "maxItems": 1,
                "uniqueItems": True,
                "default": ["cool"],
                "x-group": "More",
            },
        ),
        (
            Address | None,
            (Address(city="Rome"),),
            {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {
                            "city": {"title": "City", "type": "string", "minLength": 1},
                            "since": {
                                "title": "Since",
                                "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}],
                                "default": None,
                            },
                        },
                        "required": ["city"],
                        "additionalProperties": False,
                    },
                    {"type": "null"},
                ],
                "default": {"city": "Rome", "since": None},
            },
        ),
        (
            Annotated[Tone, Field(examples=[Tone.WARM])],
            (),
            {"type": "string", "enum": ["warm", "cool"], "examples": ["warm"]},
        ),
    ],
    ids=str,
)
def test_a_parameter_becomes_a_property(annotation: Any, default: tuple[Any, ...], expected: dict[str, Any]) -> None:
    assert property_of(annotation, *default) == {"title": "Value", **expected}


def test_the_schema_is_a_flat_object_in_the_order_of_the_signature() -> None:
    @tool
    def letter(
        ctx: Context,
        zip_code: str,
        to: Annotated[str, Field(title="Addressee")],
        again: str | None,
        tone: Tone = Tone.WARM,
    ) -> str:
        """Write a letter."""
        return to

    schema = letter.input_schema

    assert list(schema["properties"]) == ["zip_code", "to", "again", "tone"]
    assert [schema["properties"][name]["title"] for name in schema["properties"]] == [
        "Zip code",
        "Addressee",
        "Again",
        "Tone",
    ]
    assert (schema["type"], schema["required"], schema["additionalProperties"]) == ("object", ["zip_code", "to"], False)
    assert "$ref" not in json.dumps(schema)


def test_a_tool_without_inputs_has_an_empty_schema() -> None:
    @tool
    def now(ctx: Context) -> str:
        """Tell the time."""
        return ""

    assert now.input_schema == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    assert now.check_input({}) == {}


ANNOTATIONS = [
    str,
    LongText,
    int,
    float,
    bool,
    Literal["a", "bc"],
    Literal[0, 1],
    Tone,
    list[str],
    str | None,
    Tone | None,
    list[str] | None,
    Annotated[str, Field(min_length=2, max_length=3)],
    Annotated[str, Field(pattern="b")],
    Annotated[str | None, Field(pattern="^a$")],
    Annotated[int, Field(ge=0, lt=2)],
    Annotated[float | None, Field(gt=0, le=1.5)],
    Annotated[list[str], Field(min_length=1, max_length=2)],
    date,
    date | None,
    list[Literal["a", "bc"]],
    Annotated[list[Literal[1, 2]] | None, Field(min_length=1)],
    list[Tone],
    Address,
    Address | None,
]
VALUES = [
    None, True, False, 0, 1, 2, -1, 1.0, 0.5, 1.5, 2.5, 10**20, "", "a", "bc", "abcd", "abc\n", "warm", "WARM", "1",
    "é中😀", "b\nb", [], ["a"], ["a", ""], ["a", "b", "c"], [1], [None], [["a"]], {}, {"a": 1},
    "2026-02-28", "2026-02-30", "20260228", "2026-W01-1", ["a", "a"],
    ["warm", "cool"], [1.0, 2], [2, 2.0],
    {"city": ""}, {"city": "a"}, {"city": "a", "since": "2026-02-28"}, {"city": "a", "since": "2026"},
    {"city": "a", "zip": 1},
]  # fmt: skip


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_a_tool_accepts_exactly_what_its_schema_accepts(annotation: Any) -> None:
    tool_ = sample(annotation)
    Draft202012Validator.check_schema(tool_.input_schema)
    validator = Draft202012Validator(tool_.input_schema, format_checker=FormatChecker(["date"]))

    for data in itertools.chain([{}, {"value": "a", "other": 1}], ({"value": value} for value in VALUES)):
        assert accepts(tool_, data) == validator.is_valid(data), data


def accepts(tool_: Tool, data: dict[str, Any]) -> bool:
    try:
        tool_.check_input(data)
    except InputError:
        return False
    return True
