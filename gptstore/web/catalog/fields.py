"""Django's form fields for the controls of `gptstore.sdk.form.control`: what reads a browser's form data.

The controls turn what was read into JSON values, and the schema alone decides what is valid.
"""

from typing import Any

from django import forms

from gptstore.sdk.form.control import Control, OneOfControl, SeveralOfControl
from gptstore.web.catalog.messages_widget import BoundMessages, MessagesWidget


class InputField(forms.Field):
    """One control as a form field."""

    def __init__(self, control: Control, **kwargs: Any) -> None:
        self.control = control
        self.widget = self.make_widget()
        kwargs |= {"label": control.label, "help_text": control.help_text}
        super().__init__(required=False, **kwargs)

    @property
    def kind(self) -> str:
        return self.control.kind

    def make_widget(self) -> forms.Widget:
        return forms.TextInput(attrs=self.attributes())

    def attributes(self) -> dict[str, Any]:
        return self.control.attributes


class TextField(InputField, forms.CharField):
    def __init__(self, control: Control) -> None:
        super().__init__(control, strip=False)


class LongTextField(TextField):
    def make_widget(self) -> forms.Widget:
        return forms.Textarea(attrs=self.attributes())


class NumberField(InputField):
    def make_widget(self) -> forms.Widget:
        return forms.NumberInput(attrs=self.attributes())


class WholeNumberField(NumberField, forms.IntegerField):
    pass


class RealNumberField(NumberField, forms.FloatField):
    pass


class DateField(InputField):
    def make_widget(self) -> forms.Widget:
        return forms.DateInput(attrs=self.attributes())


class SwitchField(InputField, forms.BooleanField):
    def make_widget(self) -> forms.Widget:
        return forms.CheckboxInput(attrs=self.attributes())


class OneOfField(InputField, forms.ChoiceField):
    """A choice of one: few choices are segments, more are a list."""

    control: OneOfControl

    def __init__(self, control: OneOfControl) -> None:
        super().__init__(control, choices=control.choices)

    def make_widget(self) -> forms.Widget:
        return forms.RadioSelect() if self.kind == "segments" else forms.Select(attrs=self.attributes())


class SeveralOfField(InputField, forms.MultipleChoiceField):
    """A choice of several, which keeps the order of the choices."""

    control: SeveralOfControl

    def __init__(self, control: SeveralOfControl) -> None:
        super().__init__(control, choices=control.choices)

    def make_widget(self) -> forms.Widget:
        return forms.CheckboxSelectMultiple()

    def valid_value(self, value: Any) -> bool:
        return True  # the schema decides, and says it in its own words


class MessagesField(InputField):
    """A conversation, to which the next message of the user is added."""

    def make_widget(self) -> forms.Widget:
        return MessagesWidget(attrs=self.attributes())

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundMessages:
        return BoundMessages(form, self, field_name)
