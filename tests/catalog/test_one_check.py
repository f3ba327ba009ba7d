"""The site's check of an input and the tool's own: they accept the same, and say the same of what they refuse."""

from datetime import date
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from gptstore.catalog.inputs import check_input
from gptstore.sdk import Context, Document, Field, InputError, LongText, Table, Tool, tool
from gptstore.sdk.errors import FieldError


class Tone(Enum):
    WARM = "warm"
    COOL = "cool"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Address(BaseModel):
    city: Annotated[str, Field(min_length=1, max_length=10)]
    number: Annotated[int, Field(ge=1)] = 1
    tone: Tone | None = None
    since: date | None = None
    tags: Annotated[list[str], Field(max_length=2)] = []
    sizes: list[Size] = [Size.LARGE]


def taking(annotation: Any) -> Tool:
    def taking(ctx: Context, value: Any) -> str:
        """Take a value."""
        return str(value)

    taking.__annotations__["value"] = annotation
    return tool(taking)


ANNOTATIONS: list[Any] = [
    str,
    LongText | None,
    Annotated[str, Field(min_length=2, max_length=3, pattern="^a")],
    Annotated[int, Field(ge=1, le=9)],
    Annotated[float | None, Field(gt=0, lt=1.5)],
    bool,
    Tone,
    Size | None,
    Annotated[list[str], Field(min_length=1, max_length=2)],
    date,
    date | None,
    list[Literal["warm", "cool", "dry"]],
    Annotated[list[Tone], Field(min_length=1, max_length=2)],
    list[Size],
    Annotated[list[Literal[1, 2, 3]] | None, Field(max_length=2)],
    Address,
    Address | None,
    Document,
    Table | None,
]
PARTS: list[Any] = [
    None, True, 0, 1, 2, 2.0, 1.5, float("nan"), "", "a", "abcd", "warm", "\0", "\ud800",
    "2026-02-28", "2026-02-30", "20260228", "2026-2-8", "0000-01-01", "2026-02-28T00:00:00", "２０２６-02-28",
    [], ["warm"], ["warm", "cool"], ["warm", "warm"], ["warm", "hot"], [1], [1, 1], [2, 1.0], [1, True],
    [1, 2, 3], [1, "a", "b"], ["a", "b", 3], ["a", "\0"], [None], [["warm"]],
    {"name": "a.txt", "data": "aGk="}, {"name": "a.CSV", "data": ""}, {"name": "a", "data": "aGk="},
    {"name": "a.exe", "data": ""}, {"name": "a.txt", "data": "a"}, {"name": "a.txt", "data": "aGk"},
    {"name": "a.txt", "data": "aG k="}, {"name": "", "data": ""}, {"name": "a.txt", "data": "é"},
    {"name": "a.txt", "data": 1}, {"name": "a.txt"}, {"name": "a.txt", "data": "", "x": 1},
    {"name": "a\0.txt", "data": ""}, {"name": "a" * 256, "data": ""},
    {}, {"city": "Rome"}, {"city": "Rome", "street": "Via"}, {"number": 0}, {"city": "\0"},
]  # fmt: skip
WITHIN = [
    {"city": "Rome", name: part}
    for name in ("city", "number", "tone", "since", "tags", "sizes", "nothing")
    for part in PARTS
]


def refusals(check: Any, *arguments: Any) -> list[FieldError]:
    try:
        check(*arguments)
    except InputError as error:
        return error.errors
    return []


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_the_site_and_the_tool_say_the_same(annotation: Any) -> None:
    one = taking(annotation)

    for value in [*PARTS, *WITHIN]:
        data = {"value": value}
        assert refusals(check_input, one.input_schema, data) == refusals(one.check_input, data), data


def test_the_site_hands_on_what_the_tool_takes_and_nothing_is_filled_in_twice() -> None:
    one = taking(Address)

    kept = dict(check_input(one.input_schema, {"value": {"city": "Rome"}}))

    assert kept == {
        "value": {"city": "Rome", "number": 1, "tone": None, "since": None, "tags": [], "sizes": [2]},
    }
    assert one.check_input(kept) == one.check_input({"value": {"city": "Rome"}})


def test_errors_come_in_the_order_of_the_form_also_within_a_model() -> None:
    @tool
    def send(ctx: Context, title: str, to: Address, count: int) -> str:
        """Send a parcel."""
        return title

    data = {"count": "x", "to": {"zip": 1, "sizes": [3], "number": 0}, "other": 1}

    found = refusals(check_input, send.input_schema, data)

    assert [error["field"] for error in found] == [
        "title",
        "to.city",
        "to.number",
        "to.sizes",
        "to.zip",
        "count",
        "other",
    ]
    assert found == refusals(send.check_input, data)
    assert found[4]["message"] == "There is no such field. Known fields: city, number, tone, since, tags, sizes."
