"""The tool: a conversation goes in, the next answer of a persona streams out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Example, Field, Message, Messages, Tool, hookimpl, tool
from gptstore.sdk.pieces import strip_pieces

PERSONA = (
    "You are a patient guide to the night sky. Answer in a few sentences that a child understands, and say what to "
    "look for tonight. If a question is not about the sky, say so kindly."
)


@tool(
    title="My tool",
    slug="my-tool",
    category="answers",
    tags=["chat", "stars", "planets"],
    icon="icon.svg",
    output="markdown",
    examples=[
        Example("A first question", {"messages": [{"role": "user", "content": "Why do stars twinkle?"}]}),
        Example(
            "A second one",
            {
                "messages": [
                    {"role": "user", "content": "What is the bright star in the evening?"},
                    {"role": "assistant", "content": "That is often Venus, which is a planet."},
                    {"role": "user", "content": "How do I know that it is a planet?"},
                ]
            },
        ),
    ],
)
def my_tool(
    ctx: Context, messages: Annotated[Messages, Field(description="The conversation so far, your question last.")]
) -> Iterator[str]:
    """Answer questions about the night sky.

    It knows what was said before in the conversation.
    """
    if ctx.model.is_chat:
        yield from ctx.model.stream([{"role": "system", "content": PERSONA}, *messages], max_tokens=400)
    else:
        yield from strip_pieces(ctx.model.stream(transcript(messages), max_tokens=400, stop="\nUser:"))


def transcript(messages: list[Message]) -> str:
    """Return the conversation as a text that a base model continues."""
    turns = "".join(f"{message['role'].capitalize()}: {message['content'].strip()}\n" for message in messages)
    return f"{PERSONA}\n\n{turns}Assistant:"


@hookimpl
def gptstore_tools() -> list[Tool]:
    """Return the tools: the entry point `gptstore` in pyproject.toml names this module."""
    return [my_tool]
