from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool, ToolSettings
from gptstore.catalog.tool_settings import find_problem, read_given, store_given
from gptstore.sdk.form.control import MISSING
from gptstore.sdk.form.properties import defaults
from gptstore.web.admin.base.audited import ReadOnlyAdmin
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import is_of
from gptstore.web.catalog.fields import InputField, OneOfField, SeveralOfField
from gptstore.web.catalog.make_field import make_field

PREFIX = "setting_"
"""Stands before the name of each setting in the form, so that none hides a field of the form's own."""

SET = _("It is set, and is shown to nobody. Leave it empty to keep it.")
NOT_SET = _("It is not set. What you enter is shown to nobody.")


class SettingsForm(forms.ModelForm):
    """The form for the settings of one tool, made from their schema. A secret goes in and never out."""

    forget = forms.BooleanField(
        label=_("Forget all values"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("With all secrets."),
    )

    class Meta:
        model = ToolSettings
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema: dict[str, Any] = self.instance.tool.settings_schema or {}
        self.properties: Mapping[str, Any] = self.schema.get("properties", {})
        self.given = read_given(self.instance.tool)
        self.values: dict[str, Any] = {}
        shown = {**defaults(self.schema), **self.given}
        for name in self.properties:
            field = self.fields[f"{PREFIX}{name}"]
            if self.is_secret(name):
                field.help_text = f"{field.help_text} {SET if name in self.given else NOT_SET}".strip()
            elif isinstance(field, InputField) and name in shown:
                self.initial[f"{PREFIX}{name}"] = field.control.to_initial(shown[name])

    def is_secret(self, name: str) -> bool:
        return bool(self.properties[name].get("writeOnly"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("forget"):
            return cleaned
        sent = {name: self.value_of(name) for name in self.properties}
        try:
            checked = check_input(self.schema, {name: value for name, value in sent.items() if value is not MISSING})
        except InvalidInput as invalid:
            for error in invalid.errors:
                field = f"{PREFIX}{error['field']}"
                self.add_error(field if field in self.fields else None, error["message"])
            return cleaned
        usual = defaults(self.schema)
        self.values = {name: value for name, value in checked.items() if name not in usual or value != usual[name]}
        return cleaned

    def value_of(self, name: str) -> Any:
        """Return the JSON value that was sent; of a secret that was left empty, the one that is stored."""
        text = self.cleaned_data.get(f"{PREFIX}{name}")
        if self.is_secret(name) and not str(text or "").strip():
            return self.given.get(name, MISSING)
        field = self.fields[f"{PREFIX}{name}"]
        return field.control.value_of(text) if isinstance(field, InputField) else MISSING


def form_for(row: ToolSettings) -> type[SettingsForm]:
    """Return the form with a field for each setting of the row's tool."""
    schema = row.tool.localized.settings_schema
    fields: dict[str, Any] = {}
    for name, described in schema.get("properties", {}).items():
        field = make_field(described, required=name in schema.get("required", []))
        if described.get("writeOnly"):
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        elif isinstance(field, SeveralOfField):
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget(choices=field.choices)
        elif isinstance(field, OneOfField):
            widget = UnfoldAdminRadioSelectWidget if field.kind == "segments" else UnfoldAdminSelectWidget
            field.widget = widget(choices=field.choices)
        elif field.kind != "switch":
            field.widget.attrs["class"] = " ".join(INPUT_CLASSES)
        field.widget.attrs.pop("required", None)
        fields[f"{PREFIX}{name}"] = field
    return type("SettingsForm", (SettingsForm,), fields)


@admin.register(ToolSettings)
class ToolSettingsAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The settings that tools declare. An admin fills them in; secrets are stored encrypted and never shown again."""

    list_display = ["tool", "plugin", "is_complete", "updated_at"]
    list_select_related = ["tool"]
    search_fields = ["tool__slug"]
    search_help_text = _("A tool’s whole slug")
    finders = (is_of("tool", Tool, "slug"),)
    ordering = ["-id"]
    readonly_fields = ["tool", "plugin", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ToolSettings]:
        return super().get_queryset(request).filter(tool__settings_schema__isnull=False)

    @admin.display(description=_("complete"), boolean=True)
    def is_complete(self, row: ToolSettings) -> bool:
        return not find_problem(row.tool)

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change, **kwargs)
        return form_for(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        about: list[Any] = [(None, {"fields": self.readonly_fields})]
        if obj is None or not self.has_change_permission(request, obj):
            return about
        groups: dict[Any, list[str]] = {_("Settings"): []}
        for name, described in obj.tool.localized.settings_schema.get("properties", {}).items():
            groups.setdefault(described.get("x-group", _("Settings")), []).append(f"{PREFIX}{name}")
        groups[_("Settings")].append("forget")
        return [*about, *((heading, {"fields": names}) for heading, names in groups.items())]

    def save_model(self, request: HttpRequest, obj: ToolSettings, form: Any, change: bool) -> None:
        store_given(obj, form.values)
