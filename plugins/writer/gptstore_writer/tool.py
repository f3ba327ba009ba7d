"""The tool: a text goes in, and how it goes on streams out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, Tool, ToolError, hookimpl, tool
from gptstore.sdk.sampling import Logprobs, MaxTokens, Seed, Stop, Temperature, TopP
from gptstore_writer.examples import EXAMPLES


@tool(
    title="Writer",
    slug="writer",
    category="writing",
    tags=["continue", "complete", "story", "draft", "text"],
    examples=EXAMPLES,
)
def write(
    ctx: Context,
    text: Annotated[
        LongText,
        Field(
            title="Text",
            description="The beginning. The model goes on right after its last letter.",
            placeholder="Once upon a time",
            max_length=200_000,
        ),
    ],
    temperature: Temperature = 0.7,
    top_p: TopP = 1.0,
    max_tokens: MaxTokens | None = None,
    stop: Stop | None = None,
    seed: Seed | None = None,
    logprobs: Logprobs | None = None,
) -> Iterator[str]:
    """Go on with a text.

    The model gets the text as it is, and nothing else: no instructions and no roles. What it writes is the next part
    alone. A chat model goes on with it, too; to ask it something, use the chat.
    """
    if not text:
        raise ToolError("There is no text to go on with. Write how it begins and run the tool again.")
    yield from ctx.model.stream(
        text,
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        stop=stop,
        seed=seed,
        logprobs=logprobs,
    )


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [write]
