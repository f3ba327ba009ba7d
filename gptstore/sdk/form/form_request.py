"""What a browser sent of a form, and how the text of each control is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gptstore.sdk.form.control import Control, NumberControl, OneOfControl
from gptstore.sdk.form.form_file import Kept, file_value, kept_name
from gptstore.sdk.form.message_list import EARLIER, add_message, read_earlier
from gptstore.sdk.translation import Translation, gettext_noop

_NO_DECIMALS = re.compile(r"\.0*\s*$")


class BadText(Exception):
    """Raised when the text of a control can't be read. The message is for the person who wrote it."""


@dataclass(frozen=True)
class Sent:
    """The texts of controls and the files, by the names of the controls. A file is its name and its bytes."""

    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def last(self, name: str) -> str | None:
        """Return the last text of a control, None for one that was not sent."""
        found = self.texts.get(name)
        return found[-1] if found else None

    def shown(self, control: Control, name: str) -> Any:
        """Return what the control shows when the form comes back: what was sent."""
        match control.kind:
            case "switch":
                return (self.last(name) or "").lower() not in ("", "false")
            case "boxes":
                return [*self.texts.get(name, ())]
            case "messages":
                text = (self.last(name) or "").replace("\r\n", "\n")
                return add_message(read_earlier(self.last(name + EARLIER)), text)
            case "file":
                if name in self.files:
                    return file_value(*self.files[name])
                source = self.last(kept_name(name))
                return Kept(source) if source else None
        return self.last(name)

    def read(self, control: Control, name: str) -> Any:
        """Return what the control's `value_of` takes. Raises BadText."""
        shown = self.shown(control, name)
        match control:
            case NumberControl():
                return read_number(control, shown)
            case OneOfControl():
                return read_choice(control, shown)
        if control.kind in ("text", "long", "lines"):
            return read_text(shown, control.words)
        return shown


def read_text(text: str | None, words: Translation) -> str:
    """Return a text that can be kept. Raises BadText."""
    if "\0" in (text or ""):
        raise BadText(words.gettext("Null characters are not allowed."))
    return text or ""


def read_number(control: NumberControl, text: str | None) -> int | float | None:
    """Return the number that a text stands for, None for an empty one. Raises BadText."""
    if not text:
        return None
    problem = gettext_noop("Enter a whole number.") if control.is_whole else gettext_noop("Enter a number.")
    try:
        number = int(_NO_DECIMALS.sub("", text)) if control.is_whole else float(text)
    except ValueError:
        raise BadText(control.words.gettext(problem)) from None
    if not math.isfinite(number):
        raise BadText(control.words.gettext(problem))
    return number


def read_choice(control: OneOfControl, text: str | None) -> str:
    """Return the chosen value as a text. Raises BadText for one that is not offered."""
    if text and text not in control.values:
        message = control.words.gettext("Select a valid choice. %(value)s is not one of the available choices.")
        raise BadText(message % {"value": text})
    return text or ""
