"""The tool: a text goes in, its main points stream out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, Tool, ToolError, hookimpl, tool
from gptstore_summarizer.examples import EXAMPLES
from gptstore_summarizer.parts import summarize_parts
from gptstore_summarizer.prompts import Length
from gptstore_summarizer.summary import SummaryKind, advice, stream_summary


@tool(
    title="Summarizer",
    slug="summarizer",
    category="writing",
    tags=["summary", "shorten", "main points", "articles", "reports", "notes"],
    output="markdown",
    examples=EXAMPLES,
)
def summarize(
    ctx: Context,
    text: Annotated[
        LongText,
        Field(
            title="Text",
            description="What to shorten: an article, a report, minutes, a chapter. Any language the model knows.",
            placeholder="Paste your text here",
            max_length=200_000,
        ),
    ],
    length: Annotated[
        Length,
        Field(
            title="Length",
            description="short: one or two sentences. medium: a paragraph. long: a fuller account.",
        ),
    ] = "medium",
) -> Iterator[str]:
    """Shorten a long text to its main points.

    The summary keeps to what the text says, in the language of the text. A text longer than the model can read at
    once is summarized part by part, and the parts are then summed up together.
    """
    if not text.strip():
        raise ToolError("There is no text to summarize. Paste or type some text and run the tool again.")
    whole, part = SummaryKind(length), SummaryKind(length, is_part=True)
    parts = [text] if whole.fits(ctx.model, text) else part.split(ctx.model, text)
    if len(parts) > 1:
        ctx.log(f"The text is longer than the model can read at once; it is read in {len(parts)} parts.")
        yield from summarize_parts(ctx, parts, length)
        return
    summary = yield from stream_summary(ctx, text, whole, lambda share, doing: ctx.progress(share, 1, doing))
    if not summary:
        raise ToolError(f"The model gave no summary. {advice(ctx.model)}")


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [summarize]
