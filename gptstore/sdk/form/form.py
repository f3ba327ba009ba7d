"""A tool's input as a form, made from its schema, without any framework: for the page of `gptstore dev`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from gptstore.sdk.errors import FieldError
from gptstore.sdk.form.control import Control, FileControl
from gptstore.sdk.form.fieldsets import ShownFieldset, arrange
from gptstore.sdk.form.file_size import file_size
from gptstore.sdk.form.form_file import Kept, kept_name, shown_file
from gptstore.sdk.form.form_request import BadText, Sent
from gptstore.sdk.form.make_control import make_controls
from gptstore.sdk.form.message_list import EARLIER, split
from gptstore.sdk.form.nested_values import flatten, nest
from gptstore.sdk.form.properties import Schema, defaults
from gptstore.sdk.form.turns import Turn, turns_of
from gptstore.sdk.translation import ENGLISH, Translation

PREFIX = "input-"
Values = dict[str, Any]


class Form:
    """The form for one input. `read` gives what was sent as an input, which somebody else has to check.

    values: JSON values to show; a field that they lack shows its default. source: where they come from, so that the
    page can keep a file without holding it. find_kept: returns the values of a source that came back with the form.
    words: what translates the form's own texts.
    """

    def __init__(
        self,
        schema: Schema,
        sent: Sent | None = None,
        *,
        values: Values | None = None,
        source: str = "",
        find_kept: Callable[[str], Values] = lambda _source: {},
        words: Translation = ENGLISH,
    ) -> None:
        self.schema, self.sent, self.source, self.find_kept, self.words = schema, sent, source, find_kept, words
        self.controls = dict(make_controls(schema, words))
        self.arranged = arrange(schema)
        self.folding = {name for fieldset in self.arranged if fieldset.folds for name in fieldset.names}
        self.initial = self._shown({**defaults(schema), **(values or {})})
        self.errors: dict[str, str] = {}
        self.general_errors: list[str] = []

    def __iter__(self) -> Iterator[FormField]:
        return (self[name] for name in self.controls)

    def __getitem__(self, name: str) -> FormField:
        return FormField(self, name)

    @property
    def has_files(self) -> bool:
        return any(control.kind == "file" for control in self.controls.values())

    @property
    def has_errors(self) -> bool:
        return bool(self.errors or self.general_errors)

    def fieldsets(self) -> Iterator[ShownFieldset]:
        """Yield what stands together, in the order of the form."""
        usual = self._shown(defaults(self.schema))
        for number, fieldset in enumerate(self.arranged):
            fields = [self[name] for name in fieldset.names]
            yield ShownFieldset.of(f"fieldset-{number}", fieldset, fields, usual)

    def open_fieldsets(self) -> list[str]:
        """Return the ids of what folds and is open."""
        return [shown.id for shown in self.fieldsets() if shown.fieldset.folds and shown.is_open]

    def values_by_control(self) -> Values:
        """Return the value of each control, by its name in the page; None leaves it empty."""
        return {self[name].html_name: self.initial.get(name) for name in self.controls}

    def read(self) -> Values:
        """Return the input that was sent; what can't be read is left out, and has its error."""
        sent, values = self.sent or Sent(), {}
        for field in self:
            try:
                value = field.control.value_of(sent.read(field.control, field.html_name))
            except BadText as error:
                self.errors[field.name] = str(error)
            else:
                values[field.name] = self._found(field.name, value)
        return nest(self.schema, values)

    def add_errors(self, errors: Iterable[FieldError]) -> None:
        """Show the errors that the check of the input has found, each at its field."""
        for error in errors:
            if error["field"] in self.controls:
                self.errors.setdefault(error["field"], error["message"])
            elif error["field"] not in self.errors:
                self.general_errors.append(error["message"])

    def show_kept(self, name: str, kept: Kept) -> Any:
        """Return the name and the size of a file that came back with the form."""
        control = self.controls[name]
        assert isinstance(control, FileControl)
        value = self.find_kept(kept.source).get(name)
        return shown_file(value, kept.source, control.text_name, partial(file_size, words=self.words))

    def _shown(self, values: Values) -> Values:
        flat = flatten(self.schema, values)
        return {name: self._shown_value(self.controls[name], value) for name, value in flat if name in self.controls}

    def _shown_value(self, control: Control, value: Any) -> Any:
        if isinstance(control, FileControl):
            return shown_file(value, self.source, control.text_name, partial(file_size, words=self.words))
        return control.to_initial(value)

    def _found(self, name: str, value: Any) -> Any:
        if not isinstance(value, Kept):
            return value
        return self.find_kept(value.source).get(name, self.controls[name].empty())


class FormField:
    """One control in a form: its names in the page, and what it shows."""

    def __init__(self, form: Form, name: str) -> None:
        self.form, self.name, self.control = form, name, form.controls[name]
        self.html_name = PREFIX + name.replace(".", "-")  # a dot has a meaning in CSS
        self.id = f"id_{self.html_name}"
        self.kept_name, self.earlier_name = kept_name(self.html_name), self.html_name + EARLIER

    @property
    def kind(self) -> str:
        return self.control.kind

    @property
    def errors(self) -> list[str]:
        return [self.form.errors[self.name]] if self.name in self.form.errors else []

    @property
    def has_hint(self) -> bool:
        return bool(self.control.help_text) or self.kind == "lines"

    @property
    def described_by(self) -> str:
        """Return the ids of what describes the control."""
        parts = [f"{self.id}_helptext"] if self.has_hint else []
        parts += [f"{self.id}_counter"] if self.control.max_characters else []
        return " ".join([*parts, f"{self.id}_error"])

    @property
    def attributes(self) -> dict[str, object]:
        """Return the attributes of the control's element, or of each in a set, but for name, id, kind and value."""
        attributes = dict(self.control.attributes)
        if self.name in self.form.folding or self.kept:
            attributes.pop("required", None)  # a browser would ask for it while it is folded, or there
        if not self.control.is_set:
            attributes["aria-describedby"] = self.described_by
        if self.errors:
            attributes["aria-invalid"] = "true"
        return attributes

    def value(self) -> Any:
        """Return what the control shows."""
        if self.form.sent is None:
            return self.form.initial.get(self.name)
        shown = self.form.sent.shown(self.control, self.html_name)
        if self.kind != "file":
            return shown
        return self.form.show_kept(self.name, shown) if isinstance(shown, Kept) else None

    @property
    def text(self) -> str:
        """Return what stands in a control for text; of a conversation, its last message."""
        value = split(self.value())[1] if self.kind == "messages" else self.value()
        return "" if value is None else str(value)

    @property
    def kept(self) -> dict[str, str]:
        """Return the file that the control stands for, as `shown_file` does; {} for none."""
        value = self.value() if self.kind == "file" else None
        return value if isinstance(value, dict) else {}

    @property
    def turns(self) -> list[Turn]:
        """Return the earlier turns of a conversation."""
        return turns_of(split(self.value())[0], self.form.words)

    @property
    def earlier(self) -> str:
        """Return the earlier messages as JSON, which the form sends back."""
        return json.dumps(split(self.value())[0])

    @property
    def choices(self) -> Iterator[tuple[str, str, bool]]:
        """Yield the value and the label of each choice, and whether it is chosen."""
        value = self.value()
        chosen = {*map(str, value)} if isinstance(value, list) else {"" if value is None else str(value)}
        for name, label in getattr(self.control, "choices", ()):
            yield name, label, name in chosen
