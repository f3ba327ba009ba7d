"""One form field for each property of a tool's input schema.

The fields only turn a browser's form data into JSON values. The schema alone decides what is valid, so limits are
attributes for the browser here and never a second set of rules.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from gptstore.catalog.properties import Property
from gptstore.web.catalog.choice_labels import labels_of
from gptstore.web.catalog.messages_widget import BoundMessages, MessagesWidget, split

MAX_SEGMENTS = 4
MISSING = object()


class InputField(forms.Field):
    """One control. `kind` chooses how the page draws it; `value_of` reads its text; MISSING leaves it out.

    is_set: the control is a set of others, such as radios, which are labelled and described together.
    """

    kind = "text"
    is_set = False
    described_by = ""
    full_label = ""

    @property
    def max_characters(self) -> int | None:
        return None

    def __init__(self, schema: Property, *, required: bool, nullable: bool, **kwargs: Any) -> None:
        self.schema, self.nullable, self.mandatory = schema, nullable, required
        self.widget = self.make_widget()
        kwargs |= {"label": schema.get("title"), "help_text": schema.get("description", "")}
        super().__init__(required=False, **kwargs)

    def make_widget(self) -> forms.Widget:
        return forms.TextInput(attrs=self.attributes(dir="auto"))

    def attributes(self, **more: object) -> dict[str, object]:
        attributes = {"class": "control", "placeholder": self.schema.get("x-placeholder"), **more}
        attributes["required"] = self.mandatory or None
        return {name: value for name, value in attributes.items() if value is not None}

    def value_of(self, sent: Any) -> Any:
        return self.empty() if sent in (None, "") else sent

    def empty(self) -> Any:
        return None if self.nullable else MISSING

    def to_initial(self, value: Any) -> Any:
        """Return the control's text for a JSON value of an example, a draft or an earlier run."""
        return value


class TextField(InputField, forms.CharField):
    def __init__(self, schema: Property, **kwargs: Any) -> None:
        super().__init__(schema, strip=False, **kwargs)

    @property
    def max_characters(self) -> int | None:
        return self.schema.get("maxLength")

    def value_of(self, sent: str) -> Any:
        text = sent.replace("\r\n", "\n")
        if text.strip():
            return text
        return MISSING if self.mandatory else None if self.nullable else text


class LongTextField(TextField):
    kind = "long"

    def make_widget(self) -> forms.Widget:
        return forms.Textarea(attrs=self.attributes(**{"class": "control long", "rows": 10, "dir": "auto"}))


class LinesField(LongTextField):
    """A list of texts, one a line."""

    kind = "lines"

    @property
    def max_characters(self) -> None:
        return None

    def make_widget(self) -> forms.Widget:
        return forms.Textarea(attrs=self.attributes(rows=4, dir="auto"))

    def value_of(self, sent: str) -> Any:
        lines = [line.strip() for line in sent.splitlines() if line.strip()]
        return None if not lines and self.nullable else lines

    def to_initial(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


class NumberField(InputField):
    kind = "number"

    def make_widget(self) -> forms.Widget:
        return forms.NumberInput(attrs=self.attributes(**{"class": "control number", **self.limits()}))

    def limits(self) -> dict[str, object]:
        return {
            "min": self.schema.get("minimum"),
            "max": self.schema.get("maximum"),
            "step": self.schema.get("multipleOf", "any"),
        }


class WholeNumberField(NumberField, forms.IntegerField):
    def limits(self) -> dict[str, object]:
        return super().limits() | {"step": self.schema.get("multipleOf", 1), "inputmode": "numeric"}


class RealNumberField(NumberField, forms.FloatField):
    pass


class DateField(InputField):
    kind = "date"

    def make_widget(self) -> forms.Widget:
        return forms.DateInput(attrs=self.attributes(**{"class": "control date", "type": "date"}))


class SwitchField(InputField, forms.BooleanField):
    kind = "switch"

    def make_widget(self) -> forms.Widget:
        return forms.CheckboxInput(attrs={"role": "switch"})

    def value_of(self, sent: Any) -> Any:
        return bool(sent)


class OneOfField(InputField, forms.ChoiceField):
    """A choice of one: few choices are segments, more are a list."""

    def __init__(self, schema: Property, *, required: bool, nullable: bool) -> None:
        self.values = {str(value): value for value in schema["enum"]}
        few = len(self.values) <= MAX_SEGMENTS and not nullable
        self.kind, self.is_set = ("segments", True) if few else ("select", False)
        labels = labels_of(schema, self.values)
        choices = [(name, labels[name]) for name in self.values]
        if not few and (nullable or "default" not in schema):
            choices.insert(0, ("", "—" if nullable else _("Choose…")))
        super().__init__(schema, required=required, nullable=nullable, choices=choices)

    def make_widget(self) -> forms.Widget:
        return forms.RadioSelect() if self.kind == "segments" else forms.Select(attrs=self.attributes())

    def value_of(self, sent: Any) -> Any:
        return self.values.get(sent, sent) if sent else self.empty()

    def to_initial(self, value: Any) -> Any:
        return "" if value is None else str(value)


class SeveralOfField(InputField, forms.MultipleChoiceField):
    """A choice of several, which keeps the order of the choices."""

    kind, is_set = "boxes", True

    def __init__(self, schema: Property, **kwargs: Any) -> None:
        self.values = {str(value): value for value in schema["items"]["enum"]}
        super().__init__(schema, choices=list(labels_of(schema, self.values).items()), **kwargs)
        self.mandatory = bool(schema.get("minItems"))

    def make_widget(self) -> forms.Widget:
        return forms.CheckboxSelectMultiple()

    def valid_value(self, value: Any) -> bool:
        return True  # the schema decides, and says it in its own words

    def value_of(self, sent: Any) -> Any:
        chosen = [self.values.get(name, name) for name in sent or ()]
        return None if not chosen and self.nullable else chosen

    def to_initial(self, value: Any) -> Any:
        return [str(entry) for entry in value] if isinstance(value, list) else []


class MessagesField(InputField):
    """A conversation, to which the next message of the user is added."""

    kind = "messages"

    def make_widget(self) -> forms.Widget:
        return MessagesWidget(attrs=self.attributes(rows=4, dir="auto"))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundMessages:
        return BoundMessages(form, self, field_name)

    def value_of(self, sent: Any) -> Any:
        """Leave the conversation out while nothing is added to it: to send it as it was would answer it again."""
        return sent if not isinstance(sent, list) or split(sent)[1].strip() else self.empty()
