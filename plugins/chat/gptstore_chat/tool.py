"""The tool: a conversation goes in, its next message streams out."""

from collections.abc import Iterator
from typing import Annotated

from gptstore.sdk import Context, Field, LongText, Messages, Tool, hookimpl, tool
from gptstore.sdk.sampling import Logprobs, MaxTokens, Seed, Stop, Temperature, TopP
from gptstore_chat.examples import EXAMPLES
from gptstore_chat.json_answer import read_schema
from gptstore_chat.prompts import instruct
from gptstore_chat.reply import stream_reply


@tool(
    title="Chat",
    slug="chat",
    category="answers",
    tags=["conversation", "assistant", "dialogue", "instructions"],
    output="markdown",
    examples=EXAMPLES,
)
def chat(
    ctx: Context,
    messages: Annotated[Messages, Field(title="Conversation", placeholder="Write a message")],
    instructions: Annotated[
        LongText,
        Field(
            title="Instructions",
            description="How the model is to answer, in every turn. May be empty.",
            placeholder="You answer in one sentence.",
            max_length=20_000,
        ),
    ] = "",
    temperature: Temperature = 0.7,
    top_p: TopP = 1.0,
    max_tokens: MaxTokens | None = None,
    stop: Stop | None = None,
    seed: Seed | None = None,
    logprobs: Logprobs | None = None,
    json_schema: Annotated[
        LongText,
        Field(
            title="JSON Schema",
            description="To get JSON that fits it, and no other text. May be empty.",
            placeholder='{"type": "object"}',
            group="JSON",
            max_length=65_536,
        ),
    ] = "",
) -> Iterator[str]:
    """Talk with the shared model.

    Each turn is a run of its own: below its answer is a field for your reply. The model knows nothing of a
    conversation but what stands in it. A base model, which is no assistant, goes on with the conversation as a text.
    """
    yield from stream_reply(
        ctx.model,
        instruct(messages, instructions),
        read_schema(json_schema),
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
    return [chat]
