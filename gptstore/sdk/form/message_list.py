"""The control of a conversation: its earlier messages, and the text of the next one of the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

EARLIER = "-earlier"
"""The end of the name of the hidden control, which holds the earlier messages as JSON."""


def read_earlier(sent: str | None) -> Any:
    """Return the earlier messages; a text that is no JSON as it is, for the schema to refuse."""
    try:
        return json.loads(sent or "[]")
    except (ValueError, RecursionError):
        return sent


def add_message(earlier: Any, text: str) -> Any:
    """Return the conversation with the user's next message."""
    return [*earlier, {"role": "user", "content": text}] if isinstance(earlier, list) else earlier


def split(messages: Any) -> tuple[list[Any], str]:
    """Return the earlier messages, and the text of the last one, if it is the user's and so may still be changed."""
    if not isinstance(messages, list):
        return [], ""
    last = messages[-1] if messages else None
    if isinstance(last, dict) and last.get("role") == "user" and isinstance(last.get("content"), str):
        return messages[:-1], last["content"]
    return messages, ""


def conversation_of(schema: Mapping[str, Any]) -> str | None:
    """Return the name of the input that is a conversation which a reply can continue; None if it has none, or two."""
    properties = schema.get("properties", {})
    names = [name for name, prop in properties.items() if prop.get("x-widget") == "messages"]
    return names[0] if len(names) == 1 and properties[names[0]].get("x-last-role") == "user" else None
