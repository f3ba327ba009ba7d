"""A conversation as pages show it: its turns, each with the name of who speaks."""

from __future__ import annotations

from dataclasses import dataclass

from gptstore.sdk.translation import ENGLISH, Translation, gettext_noop

SPEAKERS: dict[object, str] = {
    "system": gettext_noop("Instructions"),
    "user": gettext_noop("You"),
    "assistant": gettext_noop("Assistant"),
}


@dataclass(frozen=True)
class Turn:
    """One message. role: "system", "user" or "assistant"."""

    role: str
    speaker: str
    text: str


def turns_of(messages: object, words: Translation = ENGLISH) -> list[Turn]:
    """Return the turns of a conversation, without whatever is no message, since a browser may send anything."""
    return [
        Turn(message["role"], words.gettext(SPEAKERS[message["role"]]), message["content"])
        for message in (messages if isinstance(messages, list) else [])
        if is_message(message)
    ]


def is_message(value: object) -> bool:
    """Return whether it has a role and a content that can be shown."""
    if not isinstance(value, dict):
        return False
    role, content = value.get("role"), value.get("content")
    return isinstance(role, str) and role in SPEAKERS and isinstance(content, str)
