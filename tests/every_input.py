"""A tool with an input of every kind."""

from datetime import date
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel

from gptstore.sdk import Context, Document, Example, Field, LongText, Table, tool


class Day(Enum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    FRIDAY = "friday"


class Address(BaseModel):
    """Where somebody lives."""

    street: Annotated[str, Field(placeholder="Via Appia")]
    city: Annotated[str, Field(min_length=1, max_length=20)]
    country: Literal["de", "it", "fr"] = "it"
    since: date | None = None


class Sender(BaseModel):
    name: Annotated[str, Field(min_length=1)]
    days: list[Day] = [Day.MONDAY]


@tool(
    title="Every input",
    examples=[
        Example("Short", {"title": "A parcel", "to": {"street": "Via Appia 1", "city": "Rome"}}),
        Example(
            "Long",
            {
                "title": "A letter",
                "on": "2026-02-28",
                "days": ["monday", "friday"],
                "to": {"street": "Rue 1", "city": "Paris", "country": "fr", "since": "2020-01-02"},
                "sender": {"name": "Ada", "days": []},
                "letter": {"name": "letter.md", "data": "IyBIaSE="},
                "prices": "item;price\nbread;3",
                "copies": 3,
            },
        ),
    ],
)
def every_input(
    ctx: Context,
    title: Annotated[str, Field(min_length=1, max_length=80)],
    to: Annotated[Address, Field(title="Recipient", description="The person who gets it.")],
    text: LongText = "",
    on: Annotated[date | None, Field(title="Delivery")] = None,
    days: Annotated[list[Day], Field(title="Possible days", max_length=2)] = [Day.MONDAY],  # noqa: B006
    colors: Annotated[list[Literal["red", "green", "blue"]] | None, Field(description="Of the stamp.")] = None,
    sender: Sender | None = None,
    letter: Annotated[Document | None, Field(description="What is sent.")] = None,
    prices: Table | None = None,
    words: list[str] | None = None,
    speed: Literal["slow", "fast"] = "slow",
    copies: Annotated[int, Field(ge=1, le=9, group="Advanced")] = 1,
    weight: Annotated[float, Field(gt=0, group="Advanced")] = 0.5,
    signed: Annotated[bool, Field(group="Advanced")] = False,
    note: Annotated[str | None, Field(group="Advanced")] = None,
) -> str:
    """Say which values came."""
    values = [title, to, text, on, days, colors, sender, words, speed, copies, weight, signed, note]
    values += [letter and letter.text, prices and prices.rows]
    return "\n".join(map(repr, values))
