"""The limits of a run as a part of a form: a number for each, beside what the author and the site allow."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from gptstore.catalog.models import Tool
from gptstore.sdk.limits import DISK, LIMITS, LOG_LINES, MEMORY, MODEL_TOKENS, OUTPUT, SECONDS, LimitKind

PREFIX = "limit_"
LABELS = {
    SECONDS: gettext_lazy("Longest run, in seconds"),
    MEMORY: gettext_lazy("Memory, in megabytes"),
    DISK: gettext_lazy("Disk, in megabytes"),
    OUTPUT: gettext_lazy("Output, in bytes"),
    MODEL_TOKENS: gettext_lazy("Tokens of the model"),
    LOG_LINES: gettext_lazy("Lines of the log"),
}
NAMES = [f"{PREFIX}{name}" for name in LIMITS]


class LimitField(forms.IntegerField):
    """A limit of the admin's. Empty: none."""

    def __init__(self, kind: LimitKind) -> None:
        super().__init__(label=LABELS.get(kind, kind.name), required=False, widget=UnfoldAdminIntegerFieldWidget())
        self.kind = kind
        text = _("Enter a whole number, %(least)s or more, or leave it empty.") % {"least": number_format(kind.least)}
        self.error_messages["invalid"] = self.text = text
        self.widget.attrs |= {"min": kind.least, "inputmode": "numeric"}

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and value < self.kind.least:
            raise forms.ValidationError(self.text, code="invalid")


def limit_fields() -> dict[str, LimitField]:
    return {f"{PREFIX}{name}": LimitField(kind) for name, kind in LIMITS.items()}


def allowance(tool: Tool, kind: LimitKind) -> str:
    """Say what the tool's author and the site allow, in the unit of the field."""
    authors = tool.authors_limit(kind)
    its = _("none") if authors is None else as_number(authors)
    return _("Its author: %(author)s. This site: %(site)s (%(setting)s).") % {
        "author": its,
        "site": as_number(ceiling(kind)),
        "setting": kind.setting,
    }


def ceiling(kind: LimitKind) -> int:
    """Return how much the site allows, in the author's unit."""
    unit = kind.own(1) or 1
    return kind.ceiling(getattr(settings.ENV, kind.env_field)) // unit


def as_number(number: int) -> str:
    return number_format(number, force_grouping=True)


def read_limits(cleaned: dict[str, Any]) -> dict[str, int]:
    return {name: value for name in LIMITS if (value := cleaned.get(f"{PREFIX}{name}")) is not None}


def too_much(kind: LimitKind, value: int) -> str:
    """Return what to do about a limit that is above the site's, and so no limit; "" for all others."""
    most = ceiling(kind)
    if value <= most:
        return ""
    text = _("This site allows %(site)s at most. Enter less, leave it empty, or raise %(setting)s first.")
    return text % {"site": as_number(most), "setting": kind.setting}
