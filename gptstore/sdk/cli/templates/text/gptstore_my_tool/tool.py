"""The tool: a text goes in, the same in another style streams out."""

from collections.abc import Iterator
from typing import Annotated, Literal

from gptstore.sdk import Context, Example, Field, LongText, PromptTemplate, Tool, ToolError, hookimpl, tool
from gptstore.sdk.pieces import strip_pieces

STYLES = {
    "plain": "in plain words that everybody knows",
    "formal": "in the tone of a business letter",
    "short": "in half as many words",
}


def make_prompt(style: str) -> PromptTemplate:
    """Return the prompt: instructions for a chat model, a text to continue for a base model."""
    return PromptTemplate(
        system=f"Rewrite what the user sends {STYLES[style]}. Answer with the new text only.",
        completion=lambda text: f"Text: {text.strip()}\n\nThe same {STYLES[style]}:",
        stop="\n\n",
        max_tokens=600,
    )


@tool(
    title="My tool",
    slug="my-tool",
    category="writing",
    tags=["rewrite", "style"],
    icon="icon.svg",
    examples=[
        Example("A notice", {"text": "Pursuant to the regulations, bicycles must not be deposited in the hallway."}),
        Example("A note to a client", {"text": "hey, the report is late, sorry, you get it monday", "style": "formal"}),
    ],
)
def my_tool(
    ctx: Context,
    text: Annotated[LongText, Field(description="What to rewrite.", max_length=20_000)],
    style: Annotated[Literal["plain", "formal", "short"], Field(description="How it should sound.")] = "plain",
) -> Iterator[str]:
    """Rewrite a text in another style.

    The new text says the same as yours. A long text is rewritten part by part.
    """
    if not text.strip():
        raise ToolError("There is no text. Paste or type what you want to have rewritten.")
    prompt = make_prompt(style)
    for number, part in enumerate(prompt.split_to_fit(ctx.model, text)):
        if number:
            yield "\n\n"
        yield from strip_pieces(prompt.stream(ctx.model, part, temperature=0.3))


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [my_tool]
