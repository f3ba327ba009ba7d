"""A tool's input as a form, made from its schema."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.sdk.form.fieldsets import ShownFieldset, arrange
from gptstore.sdk.form.form_file import Kept, shown_file
from gptstore.sdk.form.nested_values import flatten, nest
from gptstore.sdk.form.properties import Schema, defaults
from gptstore.web.catalog.file_field import FileField
from gptstore.web.catalog.make_field import make_fields


class ToolForm(forms.Form):
    """The form for one input. When it is valid, `input` is the checked input, as `jobs.lifecycle.submit` wants it.

    values: JSON values to show, of an example, an earlier run or a draft; a field that they lack shows its default.
    source: where they come from, so that the page can keep a file without holding it. find_kept: returns the values
    of a source that came back with the form, {} for one that is gone.
    """

    def __init__(
        self,
        schema: Schema,
        data: MultiValueDict[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        values: dict[str, Any] | None = None,
        source: str = "",
        find_kept: Callable[[str], dict[str, Any]] = lambda _source: {},
    ) -> None:
        # The prefix is here because a property may be called `submit` or `action`, which would hide the form's own.
        super().__init__(data, files, prefix="input")
        self.schema, self.source, self.find_kept = schema, source, find_kept
        self.input: Mapping[str, Any] = {}
        self.inputs = dict(make_fields(schema))
        self.fields.update(self.inputs)
        self.initial = self.shown({**defaults(schema), **(values or {})})
        self.arranged = arrange(schema)
        for fieldset in self.arranged:
            for name in fieldset.names if fieldset.folds else ():
                self.inputs[name].widget.attrs.pop("required", None)  # a browser would ask for it while it is folded
        for name, field in self.inputs.items():
            field.control.described_by = self.described_by(name)
            if isinstance(field, FileField):
                field.show_kept = partial(self.show_kept, name)
            if not field.control.is_set:
                field.widget.attrs["aria-describedby"] = field.control.described_by

    def add_prefix(self, field_name: str) -> str:
        """Return the control's name: "input-address-city" for "address.city", since a dot has a meaning in CSS."""
        return super().add_prefix(field_name.replace(".", "-"))

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        flat = flatten(self.schema, values)
        return {name: self.shown_value(name, value) for name, value in flat if name in self.inputs}

    def shown_value(self, name: str, value: Any) -> Any:
        field = self.inputs[name]
        if isinstance(field, FileField):
            return shown_file(value, self.source, field.control.text_name, filesizeformat)
        return field.control.to_initial(value)

    def show_kept(self, name: str, kept: Kept) -> Any:
        field = self.inputs[name]
        assert isinstance(field, FileField)
        value = self.find_kept(kept.source).get(name)
        return shown_file(value, kept.source, field.control.text_name, filesizeformat)

    @property
    def has_files(self) -> bool:
        return any(field.kind == "file" for field in self.inputs.values())

    def fieldsets(self) -> Iterator[ShownFieldset]:
        usual = self.shown(defaults(self.schema))
        for number, fieldset in enumerate(self.arranged):
            fields = [self[name] for name in fieldset.names]
            yield ShownFieldset.of(f"fieldset-{number}", fieldset, fields, usual)

    def open_fieldsets(self) -> list[str]:
        """Return the ids of what folds and is open."""
        return [shown.id for shown in self.fieldsets() if shown.fieldset.folds and shown.is_open]

    def described_by(self, name: str) -> str:
        field, element = self.inputs[name], self[name].auto_id
        parts = [f"{element}_error"]
        if field.control.max_characters:
            parts.insert(0, f"{element}_counter")
        if field.help_text or field.kind == "lines":
            parts.insert(0, f"{element}_helptext")
        return " ".join(parts)

    def clean(self) -> dict[str, Any]:
        controls = {name: field.control for name, field in self.inputs.items()}
        values = {name: self.found(name, controls[name].value_of(sent)) for name, sent in self.cleaned_data.items()}
        try:
            self.input = check_input(self.schema, nest(self.schema, values))
        except InvalidInput as invalid:
            for error in invalid.errors:
                if error["field"] not in self.errors:
                    self.add_error(error["field"] if error["field"] in self.fields else None, error["message"])
        return self.cleaned_data

    def found(self, name: str, value: Any) -> Any:
        """Return the value; of a file that was kept the file itself."""
        if not isinstance(value, Kept):
            return value
        return self.find_kept(value.source).get(name, self.inputs[name].control.empty())

    def error_of(self, name: str) -> str:
        """Return the error of one field, or ""."""
        errors = self.errors.get(name)
        return str(errors[0]) if errors else ""

    def controls(self) -> dict[str, Any]:
        """Return the value of each control, by its name in the page; None leaves it empty."""
        return {self.add_prefix(name): self.initial.get(name) for name in self.fields}
