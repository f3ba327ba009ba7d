"""The base of admins whose lists can be edited."""

from typing import Any

from django import forms
from django.http import HttpRequest

from gptstore.web.admin.base.audited import AuditedAdmin


class Row(forms.ModelForm):
    """A row of a list. A cell to edit has only its column's head for a label, which screen readers don't announce."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.instance}: {field.label}"


class ListAdmin(AuditedAdmin):
    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, form=Row, **kwargs)
