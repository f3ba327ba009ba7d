"""The form field of a file: a browser's own control, and what it stands for when nobody chooses another."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from gptstore.sdk.form.control import FileControl
from gptstore.sdk.form.form_file import Kept, file_value, kept_name
from gptstore.web.catalog.fields import InputField


class FileWidget(forms.FileInput):
    """A file input. Beside it a hidden one says where the file comes from that is there without a choice."""

    template_name = "catalog/file_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        shown = value if isinstance(value, dict) else {}
        if shown.get("source"):
            context["widget"]["attrs"].pop("required", None)
        return context | {"kept": shown, "kept_name": kept_name(name)}

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> UploadedFile | Kept | None:
        if chosen := files.get(name):
            return chosen
        source = data.get(kept_name(name))
        return Kept(source) if source else None


class FileField(InputField):
    control: FileControl
    show_kept: Callable[[Kept], Any]

    def make_widget(self) -> forms.Widget:
        return FileWidget(attrs=self.attributes())

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the control shows after it was sent: a file that was kept; one that was chosen is lost."""
        return self.show_kept(data) if isinstance(data, Kept) else None

    def to_python(self, sent: Any) -> Any:
        return file_value(sent.name, sent.read()) if isinstance(sent, UploadedFile) else sent
