"""Turns the minutes of a meeting into a table of who does what by when."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel
from pydantic import Field as JsonField

from gptstore.sdk import Columns, Context, Example, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool

MINUTES = (
    "The engine is late: Charles will ask Joseph for gears by Friday. Ada writes the paper. We liked the drawings."
)
INSTRUCTIONS = "List what was agreed to be done: who does it, what, and by when. Leave out what nobody has to do."


class Task(BaseModel):
    who: Annotated[str, JsonField(max_length=80)]
    what: Annotated[str, JsonField(min_length=1, max_length=300)]
    due: Annotated[str, JsonField(max_length=40)]


class Tasks(BaseModel):
    tasks: Annotated[list[Task], JsonField(max_length=12)]


LIST = PromptTemplate(
    system=f"{INSTRUCTIONS} Use an empty text where it is not said who or when.",
    completion=lambda part: f"Minutes:\n{part.strip()}\n\n{INSTRUCTIONS} As JSON:\n",
    max_tokens=600,
)


@tool(output="table", tags=["meeting", "to-do"], examples=[Example("A short meeting", {"minutes": MINUTES})])
def minutes_to_tasks(ctx: Context, minutes: LongText) -> Iterator[Columns | list[str]]:
    """List the tasks that were agreed on in the minutes of a meeting."""
    yield Columns("Who", "What", "Due")
    parts = LIST.split_to_fit(ctx.model, minutes)
    seen = set()
    for number, part in enumerate(parts):
        ctx.progress(number, len(parts), "reading the minutes")
        for task in ctx.model.parse(Tasks, LIST.prompt(ctx.model, part), temperature=0, max_tokens=600).tasks:
            row = (task.who.strip(), task.what.strip(), task.due.strip())
            if row not in seen:
                seen.add(row)
                yield [*row]
    if not seen:
        raise ToolError("No tasks were found. Do the minutes say who does what?")


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [minutes_to_tasks]
