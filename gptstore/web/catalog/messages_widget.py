"""The control of a conversation: its earlier turns, and a text area for the next message of the user."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from gptstore.web.turns import Turn, turns_of

EARLIER = "-earlier"
"""The end of the name of the hidden control, which holds the earlier messages as JSON."""


class MessagesWidget(forms.Textarea):
    """The text area. Its value is the whole conversation, of which it shows the last message if it is the user's."""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> Any:
        earlier = read_earlier(data.get(name + EARLIER))
        return add_message(earlier, str(data.get(name) or "").replace("\r\n", "\n"))

    def format_value(self, value: Any) -> str:
        return split(value)[1]


class BoundMessages(BoundField):
    """The field in a form, with what stands above the text area."""

    @property
    def turns(self) -> list[Turn]:
        return turns_of(split(self.value())[0])

    @property
    def earlier(self) -> str:
        """Return the earlier messages as JSON, which the form sends back."""
        return json.dumps(split(self.value())[0])

    @property
    def earlier_name(self) -> str:
        return self.html_name + EARLIER


def read_earlier(sent: str | None) -> Any:
    """Return the earlier messages; a text that is no JSON as it is, for the schema to refuse."""
    try:
        return json.loads(sent or "[]")
    except (ValueError, RecursionError):
        return sent


def add_message(earlier: Any, text: str) -> Any:
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
