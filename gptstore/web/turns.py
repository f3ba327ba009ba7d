"""A conversation as pages show it: its turns, each with the name of who speaks."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SPEAKERS: dict[object, str | Promise] = {
    "system": _("Instructions"),
    "user": _("You"),
    "assistant": _("Assistant"),
}


@dataclass(frozen=True)
class Turn:
    """One message. role: "system", "user" or "assistant"."""

    role: str
    speaker: str
    text: str


def turns_of(messages: object) -> list[Turn]:
    """Return the turns of a conversation, without whatever is no message, since a browser may send anything."""
    return [
        Turn(message["role"], str(SPEAKERS[message["role"]]), message["content"])
        for message in (messages if isinstance(messages, list) else [])
        if is_message(message)
    ]


def is_message(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    role, content = value.get("role"), value.get("content")
    return isinstance(role, str) and role in SPEAKERS and isinstance(content, str)
