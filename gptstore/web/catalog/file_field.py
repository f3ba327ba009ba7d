"""The control of a file: a browser's own, and what it stands for when nobody chooses another."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict

from gptstore.catalog.files import size_of
from gptstore.catalog.properties import Property
from gptstore.sdk.file import MAX_NAME
from gptstore.sdk.input_model import FILES
from gptstore.web.catalog.fields import InputField


@dataclass(frozen=True)
class Kept:
    """A file of an example, a draft or an earlier run, which the page names and does not hold."""

    source: str


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


def kept_name(name: str) -> str:
    return f"{name}-kept"


class FileField(InputField):
    kind = "file"
    show_kept: Callable[[Kept], Any]

    def __init__(self, schema: Property, **kwargs: Any) -> None:
        self.suffixes = ",".join(FILES[schema["x-file"]].suffixes)
        super().__init__(schema, **kwargs)

    def make_widget(self) -> forms.Widget:
        return FileWidget(attrs=self.attributes(**{"class": "control file", "accept": self.suffixes}))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the control shows after it was sent: a file that was kept; one that was chosen is lost."""
        return self.show_kept(data) if isinstance(data, Kept) else None

    def value_of(self, sent: Any) -> Any:
        if isinstance(sent, UploadedFile):
            return {"name": str(sent.name)[-MAX_NAME:], "data": b64encode(sent.read()).decode()}
        return sent if isinstance(sent, Kept) else self.empty()


def shown_file(value: Any, source: str, text_name: str) -> dict[str, str] | None:
    """Return the name and the size of a file for its control, and where it comes from; None for none."""
    if value is None or not source:
        return None
    name = value.get("name", "") if isinstance(value, dict) else text_name
    return {"source": source, "label": f"{name} ({filesizeformat(size_of(value))})"}
