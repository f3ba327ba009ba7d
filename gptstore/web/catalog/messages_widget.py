"""The widget of a conversation: its earlier turns, and a text area for the next message of the user."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from gptstore.sdk.form.message_list import EARLIER, add_message, read_earlier, split
from gptstore.sdk.form.turns import Turn, turns_of


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
        return turns_of(split(self.value())[0], translation)

    @property
    def earlier(self) -> str:
        """Return the earlier messages as JSON, which the form sends back."""
        return json.dumps(split(self.value())[0])

    @property
    def earlier_name(self) -> str:
        return self.html_name + EARLIER
