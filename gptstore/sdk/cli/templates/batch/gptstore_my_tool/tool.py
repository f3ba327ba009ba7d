"""The tool: a text of any length goes in, the same without mistakes streams out, part by part."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Example, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.pieces import strip_pieces
from gptstore.sdk.text import split_parts

SHARE = 3
"""A part takes a third of the context: the prompt holds it, the answer repeats it, and something is to spare."""

PROMPT = PromptTemplate(
    system="Correct the spelling of what the user sends, and change nothing else. Answer with the text only.",
    completion=lambda text: f"Text with mistakes: {text}\n\nThe same text without mistakes:",
    stop="\n\n",
)


@tool(
    title="My tool",
    slug="my-tool",
    category="writing",
    tags=["spelling", "proofreading"],
    icon="icon.svg",
    examples=[Example("A note", {"text": "Teh meeting is on teusday. Plese bring yuor notes."})],
)
def my_tool(
    ctx: Context, text: Annotated[LongText, Field(description="A text of any length, with its mistakes.")]
) -> Iterator[str]:
    """Correct the spelling of a text of any length.

    The text is read in parts, and each part appears as soon as it is corrected.
    """
    if not text.strip():
        raise ToolError("There is no text. Paste or type what you want to have corrected.")
    parts = [part.strip() for part in split_parts(text, ctx.model.context_length // SHARE, ctx.model.count_tokens)]
    ctx.log(f"The text has {len(parts)} parts.")
    for number, part in enumerate(parts):
        ctx.progress(number, len(parts), f"part {number + 1} of {len(parts)}")
        if number:
            yield "\n\n"
        yield from strip_pieces(PROMPT.stream(ctx.model, part, temperature=0))


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [my_tool]
