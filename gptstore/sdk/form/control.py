"""One control for each property of a tool's input schema: how a page draws it, and how its text is read.

The schema alone decides what is valid, so limits are attributes for the browser here and never a second set of rules.
"""

from __future__ import annotations

from typing import Any

from gptstore.sdk.form.choice_labels import labels_of
from gptstore.sdk.form.form_file import Kept
from gptstore.sdk.form.message_list import split
from gptstore.sdk.form.properties import Property
from gptstore.sdk.input_model import FILES
from gptstore.sdk.translation import ENGLISH, Translation

MAX_SEGMENTS = 4
MISSING = object()
"""The value of a control that leaves its input out."""


class Control:
    """One control. `kind` chooses how a page draws it; `value_of` reads what it sent; MISSING leaves it out.

    is_set: the control is a set of others, such as radios, which are labelled and described together.
    """

    kind = "text"
    is_set = False
    described_by = ""
    full_label = ""

    def __init__(self, schema: Property, *, required: bool, nullable: bool, words: Translation = ENGLISH) -> None:
        self.schema, self.nullable, self.mandatory, self.words = schema, nullable, required, words
        self.label = str(schema.get("title") or "")
        self.help_text = str(schema.get("description") or "")

    @property
    def max_characters(self) -> int | None:
        return None

    @property
    def attributes(self) -> dict[str, object]:
        """Return the attributes of its element, but for the name, the id, the kind and the value."""
        return self.with_common(dir="auto")

    def with_common(self, **more: object) -> dict[str, object]:
        attributes = {"class": "control", "placeholder": self.schema.get("x-placeholder"), **more}
        attributes["required"] = self.mandatory or None
        return {name: value for name, value in attributes.items() if value is not None}

    def value_of(self, sent: Any) -> Any:
        """Return the JSON value of what was sent."""
        return self.empty() if sent in (None, "") else sent

    def empty(self) -> Any:
        return None if self.nullable else MISSING

    def to_initial(self, value: Any) -> Any:
        """Return the control's text for a JSON value of an example, a draft or an earlier run."""
        return value


class TextControl(Control):
    @property
    def max_characters(self) -> int | None:
        return self.schema.get("maxLength")

    def value_of(self, sent: str) -> Any:
        text = sent.replace("\r\n", "\n")
        if text.strip():
            return text
        return MISSING if self.mandatory else None if self.nullable else text


class LongTextControl(TextControl):
    kind = "long"

    @property
    def attributes(self) -> dict[str, object]:
        return self.with_common(**{"class": "control long", "rows": 10, "dir": "auto"})


class LinesControl(LongTextControl):
    """A list of texts, one a line."""

    kind = "lines"

    @property
    def max_characters(self) -> None:
        return None

    @property
    def attributes(self) -> dict[str, object]:
        return self.with_common(rows=4, dir="auto")

    def value_of(self, sent: str) -> Any:
        lines = [line.strip() for line in sent.splitlines() if line.strip()]
        return None if not lines and self.nullable else lines

    def to_initial(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


class NumberControl(Control):
    kind = "number"
    is_whole = False

    @property
    def attributes(self) -> dict[str, object]:
        return self.with_common(**{"class": "control number", **self.limits()})

    def limits(self) -> dict[str, object]:
        return {
            "min": self.schema.get("minimum"),
            "max": self.schema.get("maximum"),
            "step": self.schema.get("multipleOf", "any"),
        }


class WholeNumberControl(NumberControl):
    is_whole = True

    def limits(self) -> dict[str, object]:
        return super().limits() | {"step": self.schema.get("multipleOf", 1), "inputmode": "numeric"}


class DateControl(Control):
    kind = "date"

    @property
    def attributes(self) -> dict[str, object]:
        return self.with_common(**{"class": "control date", "type": "date"})


class SwitchControl(Control):
    kind = "switch"

    @property
    def attributes(self) -> dict[str, object]:
        return {"role": "switch"}

    def value_of(self, sent: Any) -> Any:
        return bool(sent)


class OneOfControl(Control):
    """A choice of one: few choices are segments, more are a list. choices: values as texts, with their labels."""

    def __init__(self, schema: Property, *, required: bool, nullable: bool, words: Translation = ENGLISH) -> None:
        super().__init__(schema, required=required, nullable=nullable, words=words)
        self.values = {str(value): value for value in schema["enum"]}
        few = len(self.values) <= MAX_SEGMENTS and not nullable
        self.kind, self.is_set = ("segments", True) if few else ("select", False)
        labels = labels_of(schema, self.values, words)
        self.choices = [(name, labels[name]) for name in self.values]
        if not few and (nullable or "default" not in schema):
            self.choices.insert(0, ("", "—" if nullable else words.gettext("Choose…")))

    @property
    def attributes(self) -> dict[str, object]:
        return {} if self.is_set else self.with_common()

    def value_of(self, sent: Any) -> Any:
        return self.values.get(sent, sent) if sent else self.empty()

    def to_initial(self, value: Any) -> Any:
        return "" if value is None else str(value)


class SeveralOfControl(Control):
    """A choice of several, which keeps the order of the choices."""

    kind, is_set = "boxes", True

    def __init__(self, schema: Property, *, required: bool, nullable: bool, words: Translation = ENGLISH) -> None:
        super().__init__(schema, required=bool(schema.get("minItems")), nullable=nullable, words=words)
        self.values = {str(value): value for value in schema["items"]["enum"]}
        self.choices = [*labels_of(schema, self.values, words).items()]

    @property
    def attributes(self) -> dict[str, object]:
        return {}

    def value_of(self, sent: Any) -> Any:
        chosen = [self.values.get(name, name) for name in sent or ()]
        return None if not chosen and self.nullable else chosen

    def to_initial(self, value: Any) -> Any:
        return [str(entry) for entry in value] if isinstance(value, list) else []


class MessagesControl(Control):
    """A conversation, to which the next message of the user is added."""

    kind = "messages"

    @property
    def attributes(self) -> dict[str, object]:
        return self.with_common(rows=4, dir="auto")

    def value_of(self, sent: Any) -> Any:
        """Leave the conversation out while nothing is added to it: to send it as it was would answer it again."""
        return sent if not isinstance(sent, list) or split(sent)[1].strip() else self.empty()


class FileControl(Control):
    """A browser's own control for a file. Its value is a file as JSON, or `Kept` for one that the page names."""

    kind = "file"

    @property
    def text_name(self) -> str:
        return FILES[self.schema["x-file"]].text_name

    @property
    def attributes(self) -> dict[str, object]:
        suffixes = ",".join(FILES[self.schema["x-file"]].suffixes)
        return self.with_common(**{"class": "control file", "accept": suffixes})

    def value_of(self, sent: Any) -> Any:
        return sent if isinstance(sent, dict | Kept) else self.empty()
