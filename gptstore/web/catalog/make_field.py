"""Makes the form fields of a schema's properties."""

from collections.abc import Iterator

from django.utils import translation

from gptstore.sdk.form.control import (
    Control,
    DateControl,
    FileControl,
    LongTextControl,
    MessagesControl,
    NumberControl,
    OneOfControl,
    SeveralOfControl,
    SwitchControl,
    TextControl,
    WholeNumberControl,
)
from gptstore.sdk.form.make_control import make_control, make_controls
from gptstore.sdk.form.properties import Property, Schema
from gptstore.web.catalog.fields import (
    DateField,
    InputField,
    LongTextField,
    MessagesField,
    OneOfField,
    RealNumberField,
    SeveralOfField,
    SwitchField,
    TextField,
    WholeNumberField,
)
from gptstore.web.catalog.file_field import FileField

FIELDS: dict[type[Control], type[InputField]] = {
    TextControl: TextField,
    LongTextControl: LongTextField,
    NumberControl: RealNumberField,
    WholeNumberControl: WholeNumberField,
    DateControl: DateField,
    SwitchControl: SwitchField,
    OneOfControl: OneOfField,
    SeveralOfControl: SeveralOfField,
    MessagesControl: MessagesField,
    FileControl: FileField,
}


def make_fields(schema: Schema) -> Iterator[tuple[str, InputField]]:
    """Yield the fields of a form by their names; those of a model by "address.city"."""
    for name, control in make_controls(schema, translation):
        yield name, field_of(control)


def make_field(schema: Property, *, required: bool) -> InputField:
    return field_of(make_control(schema, required=required, words=translation))


def field_of(control: Control) -> InputField:
    """Return the field of a control: of its class, or the nearest that has one."""
    return next(FIELDS[kind] for kind in type(control).__mro__ if kind in FIELDS)(control)
