"""A tool's input as a form, made from its schema."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.properties import Property, Schema, defaults, nested_schema, without_null
from gptstore.sdk.input_model import FILES
from gptstore.web.catalog.fields import MISSING, InputField
from gptstore.web.catalog.fieldsets import Fieldset, arrange, flatten
from gptstore.web.catalog.file_field import FileField, Kept, shown_file
from gptstore.web.catalog.make_field import make_field


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
            field.described_by = self.described_by(name)
            if isinstance(field, FileField):
                field.show_kept = partial(self.show_kept, name)
            if not field.is_set:
                field.widget.attrs["aria-describedby"] = field.described_by

    def add_prefix(self, field_name: str) -> str:
        """Return the control's name: "input-address-city" for "address.city", since a dot has a meaning in CSS."""
        return super().add_prefix(field_name.replace(".", "-"))

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        flat = flatten(self.schema, values)
        return {name: self.shown_value(name, value) for name, value in flat if name in self.inputs}

    def shown_value(self, name: str, value: Any) -> Any:
        field = self.inputs[name]
        if isinstance(field, FileField):
            return shown_file(value, self.source, FILES[field.schema["x-file"]].text_name)
        return field.to_initial(value)

    def show_kept(self, name: str, kept: Kept) -> Any:
        field = self.inputs[name]
        value = self.find_kept(kept.source).get(name)
        return shown_file(value, kept.source, FILES[field.schema["x-file"]].text_name)

    @property
    def has_files(self) -> bool:
        return any(field.kind == "file" for field in self.inputs.values())

    def fieldsets(self) -> Iterator["ShownFieldset"]:
        usual = self.shown(defaults(self.schema))
        for number, fieldset in enumerate(self.arranged):
            fields = [self[name] for name in fieldset.names]
            is_open = any(field.errors or is_changed(field, usual) for field in fields)
            yield ShownFieldset(f"fieldset-{number}", fieldset, fields, is_open)

    def open_fieldsets(self) -> list[str]:
        """Return the ids of what folds and is open."""
        return [shown.id for shown in self.fieldsets() if shown.fieldset.folds and shown.is_open]

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
            self.input = check_input(self.schema, self.nest(values))
        except InvalidInput as invalid:
            for error in invalid.errors:
                if error["field"] not in self.errors:
                    self.add_error(error["field"] if error["field"] in self.fields else None, error["message"])
        return self.cleaned_data

    def nest(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the input that the fields make up; an optional model that nobody filled in is null."""
        given = {name: self.found(name, value) for name, value in values.items()}
        given = {name: value for name, value in given.items() if value is not MISSING}
        for name, prop in self.schema.get("properties", {}).items():
            nested = nested_schema(prop)
            if nested is None:
                continue
            paths = {inner: f"{name}.{inner}" for inner in nested["properties"]}
            is_whole = all(path in values for path in paths.values())  # a field that can't be read is no empty one
            fields = {inner: given.pop(path) for inner, path in paths.items() if path in given}
            is_empty = is_whole and all(is_untouched(nested["properties"][inner], fields[inner]) for inner in fields)
            given[name] = None if is_empty and without_null(prop)[1] else fields
        return given

    def found(self, name: str, value: Any) -> Any:
        """Return the value; of a file that was kept the file itself."""
        if not isinstance(value, Kept):
            return value
        return self.find_kept(value.source).get(name, self.inputs[name].empty())

    def error_of(self, name: str) -> str:
        """Return the error of one field, or ""."""
        errors = self.errors.get(name)
        return str(errors[0]) if errors else ""

    def controls(self) -> dict[str, Any]:
        """Return the value of each control, by its name in the page; None leaves it empty."""
        return {self.add_prefix(name): self.initial.get(name) for name in self.fields}


@dataclass(frozen=True)
class ShownFieldset:
    """A fieldset with the fields of one form. is_open: it holds an error, or something else than its defaults."""

    id: str
    fieldset: Fieldset
    fields: list[BoundField]
    is_open: bool


def make_fields(schema: Schema, within: str = "", title: str = "") -> Iterator[tuple[str, InputField]]:
    """Yield the fields of a form by their names; those of a model by "address.city"."""
    for name, prop in schema.get("properties", {}).items():
        nested = nested_schema(prop)
        if nested is not None:
            yield from make_fields(nested, f"{name}.", prop.get("title", name))
            continue
        field = make_field(prop, required=name in schema.get("required", []))
        field.full_label = f"{title}: {field.label}" if title else str(field.label)
        yield within + name, field


def is_untouched(prop: Property, value: Any) -> bool:
    return value == prop["default"] if "default" in prop else value in (None, "", [], False)


def is_changed(field: BoundField, usual: dict[str, Any]) -> bool:
    """Return whether a control shows something else than the default."""
    return as_shown(field.value()) != as_shown(usual.get(field.name))


def as_shown(value: Any) -> list[str]:
    if value is None or value is False:
        return []
    return [
        str(entry).replace("\r\n", "\n") for entry in (value if isinstance(value, list) else [value]) if entry != ""
    ]
