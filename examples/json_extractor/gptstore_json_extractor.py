"""Takes the fields that a person names out of a text: the form of the answer is made from the input."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, create_model
from pydantic import Field as JsonField

from gptstore.sdk import Context, Example, Field, LongText, Message, Tool, ToolError, hookimpl, tool

INVOICE = "Invoice 2026-117 of 3 November: two gears at 41.50 each, to be paid by Charles Babbage within 14 days."
TASK = "Take these fields out of the text, as JSON; null where the text does not say."
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
Value = Annotated[str | None, JsonField(max_length=500)]
Fields = Annotated[list[str], Field(min_length=1, max_length=20, description="One a line: name, colon, meaning.")]


@tool(
    title="JSON extractor",
    category="answers",
    tags=["structured data", "extract", "schema"],
    output="json",
    examples=[
        Example("An invoice", {"text": INVOICE, "fields": ["number: the invoice's number", "customer: who pays"]})
    ],
)
def json_extractor(ctx: Context, text: LongText, fields: Fields) -> BaseModel:
    """Take the fields that you name out of a text, as JSON. A field that is not in the text is null."""
    meanings = dict(map(read_field, fields))
    asked = "\n".join(f"- {name}: {meaning or name}" for name, meaning in meanings.items())
    task = f"{TASK}\n{asked}\n\nText: {text}\n\nJSON:"
    prompt: str | list[Message] = [{"role": "user", "content": task}] if ctx.model.is_chat else task
    if ctx.model.count_tokens(prompt) > ctx.model.context_length // 2:
        raise ToolError("The text is too long for this model. Paste the part that has the fields.")
    shape: Any = dict.fromkeys(meanings, (Value, ...))
    return ctx.model.parse(create_model("Extracted", **shape), prompt, temperature=0)


def read_field(line: str) -> tuple[str, str]:
    """Split "name: meaning". Raises ToolError for a name that is none."""
    name, _, meaning = (part.strip() for part in line.partition(":"))
    if not NAME.fullmatch(name) or hasattr(BaseModel, name):
        raise ToolError(f"{name!r} can't name a field. Begin with a letter and use letters, digits and _ only.")
    return name, meaning


@hookimpl
def gptstore_tools() -> list[Tool]:
    return [json_extractor]
