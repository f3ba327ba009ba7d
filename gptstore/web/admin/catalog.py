from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.models import BrokenPlugin, Category, Tool
from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.web.admin.audited import AuditedAdmin, ReadOnlyAdmin


class Row(forms.ModelForm):
    """A row of a list. A cell to edit has only its column's head for a label, which screen readers don't announce."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.instance}: {field.label}"


class ListAdmin(AuditedAdmin):
    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, form=Row, **kwargs)


@admin.register(Category)
class CategoryAdmin(ListAdmin):
    list_display = ["title", "slug", "position", "tool_count"]
    list_editable = ["position"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(tool_count=Count("tools"))

    @admin.display(description=_("tools"), ordering="tool_count")
    def tool_count(self, category: Category) -> int:
        return int(getattr(category, "tool_count", 0))


@admin.register(Tool)
class ToolAdmin(ListAdmin, ReadOnlyAdmin):
    """The tools, read only: what they are comes from their plugins; an admin decides only whether people see them."""

    list_display = ["title", "slug", "category", "plugin", "version", "installed", "enabled"]
    list_editable = ["enabled"]
    list_filter = ["enabled", "installed", "category", "output", "plugin"]
    list_select_related = ["category"]
    search_fields = ["title", "slug", "summary", "plugin"]
    readonly_fields = [field.name for field in Tool._meta.fields if field.name not in ("id", "enabled")]
    fieldsets = [
        (None, {"fields": ["title", "enabled", "installed", "category", "summary", "description", "tags"]}),
        (_("Output"), {"fields": ["output", "language", "language_input"]}),
        (_("Input"), {"fields": ["input_schema", "examples"]}),
        (_("Limits"), {"fields": ["max_seconds", "limits", "network"]}),
        (_("Plugin"), {"fields": ["plugin", "version", "released", "author", "slug", "created_at", "updated_at"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Tool, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        keep_tool_counts()

    def view_on_site(self, tool: Tool) -> str:
        """Return the address of the button, which else leads there by way of `admin/r/`."""
        return tool.get_absolute_url()


@admin.register(BrokenPlugin)
class BrokenPluginAdmin(ReadOnlyAdmin):
    """The plugins that the last sync left out, with the reasons. A sync after they are mended removes them here."""

    list_display = ["name", "reason", "released", "since", "seen_at"]
    list_filter = ["released"]
    search_fields = ["name", "reason"]

    def has_change_permission(self, request: HttpRequest, obj: BrokenPlugin | None = None) -> bool:
        return False
