"""The tool: an announcement goes in, the event that it announces comes out as data."""

from typing import Annotated, Literal

from pydantic import BaseModel
from pydantic import Field as Described

from gptstore.sdk import Context, Example, Field, LongText, Tool, ToolError, hookimpl, tool

Topic = Literal["music", "sport", "talk", "food", "other"]


class Event(BaseModel):
    """What the model has to find. Its answer always has this form."""

    title: str
    day: str = Described(description="The date as the text has it, or an empty text.")
    place: str = Described(description="The place as the text has it, or an empty text.")
    topics: list[Topic]


@tool(
    title="My tool",
    slug="my-tool",
    category="answers",
    tags=["data", "events", "JSON"],
    icon="icon.svg",
    output="json",
    examples=[
        Example("A concert", {"text": "The town band plays marches and waltzes in the park on 4 May. Bring a chair!"}),
    ],
)
def my_tool(
    ctx: Context, text: Annotated[LongText, Field(description="The announcement of an event.", max_length=20_000)]
) -> Event:
    """Read an event from an announcement.

    The answer is JSON with title, day, place and topics. What the text does not say is empty.
    """
    if not text.strip():
        raise ToolError("There is no text. Paste the announcement of an event.")
    task = f"{text.strip()}\n\nWhich event does this text announce? Answer with what it says, and nothing else."
    return ctx.model.parse(Event, [{"role": "user", "content": task}] if ctx.model.is_chat else task, max_tokens=400)


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [my_tool]
