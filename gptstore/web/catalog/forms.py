"""A tool's input as a form, made from its schema."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import Schema, check_input, defaults
from gptstore.web.catalog.fields import MISSING, make_field


class ToolForm(forms.Form):
    """The form for one input. When it is valid, `input` is the checked input, as `jobs.lifecycle.submit` wants it.

    values: JSON values to show, of an example, an earlier run or a draft; a field that they lack shows its default.
    """

    def __init__(
        self, schema: Schema, data: MultiValueDict[str, Any] | None = None, values: dict[str, Any] | None = None
    ) -> None:
        # The prefix is here because a property may be called `submit` or `action`, which would hide the form's own.
        super().__init__(data, prefix="input")
        self.schema = schema
        self.input: Mapping[str, Any] = {}
        properties, required = schema.get("properties", {}), schema.get("required", [])
        self.inputs = {name: make_field(prop, required=name in required) for name, prop in properties.items()}
        self.fields.update(self.inputs)
        self.initial = self.shown({**defaults(schema), **(values or {})})
        for name, field in self.inputs.items():
            field.described_by = self.described_by(name)
            if field.kind != "segments":
                field.widget.attrs["aria-describedby"] = field.described_by

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: field.to_initial(values[name]) for name, field in self.inputs.items() if name in values}

    def described_by(self, name: str) -> str:
        field, element = self.inputs[name], self[name].auto_id
        parts = [f"{element}_error"]
        if field.max_characters:
            parts.insert(0, f"{element}_counter")
        if field.help_text or field.kind == "lines":
            parts.insert(0, f"{element}_helptext")
        return " ".join(parts)

    def clean(self) -> dict[str, Any]:
        values = {name: self.inputs[name].value_of(sent) for name, sent in self.cleaned_data.items()}
        try:
            self.input = check_input(
                self.schema, {name: value for name, value in values.items() if value is not MISSING}
            )
        except InvalidInput as invalid:
            for error in invalid.errors:
                if error["field"] not in self.errors:
                    self.add_error(error["field"] if error["field"] in self.fields else None, error["message"])
        return self.cleaned_data

    def error_of(self, name: str) -> str:
        """Return the error of one field, or ""."""
        errors = self.errors.get(name)
        return str(errors[0]) if errors else ""

    def controls(self) -> dict[str, Any]:
        """Return the value of each control, by its name in the page; None leaves it empty."""
        return {self.add_prefix(name): self.initial.get(name) for name in self.fields}
