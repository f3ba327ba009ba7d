"""The prompts of a conversation: messages for a chat model, a text to go on with for a base model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gptstore.sdk import Message

NAMES = {"user": "User", "assistant": "Assistant"}

STOPS = ("\nUser:", "\nAssistant:")
"""The beginnings of the next turns, which a base model would write, too."""


def instruct(messages: Sequence[Message], instructions: str) -> list[Message]:
    """Put instructions before a conversation. Most chat templates take one system message, and only as the first."""
    if not instructions.strip():
        return [*messages]
    first, *others = messages
    if first["role"] != "system":
        return [{"role": "system", "content": instructions}, *messages]
    return [{"role": "system", "content": f"{instructions}\n\n{first['content']}"}, *others]


def transcript(messages: Sequence[Message]) -> str:
    """Return the conversation as a text that a base model goes on with, from where the assistant speaks."""
    return "".join(map(paragraph, messages)) + f"{NAMES['assistant']}:"


def paragraph(message: Message) -> str:
    """Return one message as a part of the transcript; what the system says stands there without a name."""
    text = message["content"].strip()
    return f"{text}\n\n" if message["role"] == "system" else f"{NAMES[message['role']]}: {text}\n"
