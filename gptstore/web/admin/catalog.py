from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from gptstore.catalog.models import BrokenPlugin, Tool
from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.web.admin.base.audited import ReadOnlyAdmin
from gptstore.web.admin.base.json_text import json_text
from gptstore.web.admin.list_admin import ListAdmin
from gptstore.web.admin.lists.filters import ExactFilter
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import begins, slug_begins
from gptstore.web.admin.tool_actions import ToolActions
from gptstore.web.admin.tool_form import DECIDED, form_of_tool
from gptstore.web.admin.tool_limits import NAMES

OF_A_RUN: tuple[Any, Any] = (
    _("Limits of a run"),
    {"fields": NAMES, "description": _("They hold from the next run on. The smallest of the three counts.")},
)


@admin.register(Tool)
class ToolAdmin(ToolActions, KeysetAdmin, ListAdmin, ReadOnlyAdmin):
    """The tools. What they are comes from their plugins; admins decide who sees them, where, and what a run takes."""

    list_display = ["title", "slug", "category", "plugin", "version", "installed", "visibility", "enabled"]
    list_editable = ["enabled"]
    list_filter = [
        "enabled",
        "installed",
        ("category", RelatedDropdownFilter),
        ("output", ChoicesDropdownFilter),
        ("plugin", ExactFilter),
    ]
    leading_filters = ("plugin", "category")
    list_select_related = ["category"]
    search_fields = ["slug"]
    search_help_text = _("The beginning of a slug")
    finders = (slug_begins,)
    ordering = ["slug"]
    sortable_by = ["slug"]
    max_chosen = 10_000
    readonly_fields = [
        *(field.name for field in Tool._meta.fields if field.name not in ("id", *DECIDED)),
        *("shown_tags", "shown_input", "shown_examples"),
    ]
    fieldsets = [
        (None, {"fields": ["title", "summary", "installed", "enabled"]}),
        (_("Who sees it"), {"fields": ["visibility", "groups"]}),
        (_("Where it stands"), {"fields": ["category", "featured_position"]}),
        OF_A_RUN,
        (_("About"), {"fields": ["description", "shown_tags", "network"]}),
        (_("Output"), {"fields": ["output", "language", "language_input"]}),
        (_("Input"), {"fields": ["shown_input", "shown_examples"]}),
        (_("Plugin"), {"fields": ["plugin", "version", "released", "author", "slug", "created_at", "updated_at"]}),
    ]

    @admin.display(description=_("tags"))
    def shown_tags(self, tool: Tool) -> str:
        return ", ".join(tool.tags) or "–"

    @admin.display(description=_("input schema"))
    def shown_input(self, tool: Tool) -> str:
        return json_text(tool.input_schema)

    @admin.display(description=_("examples"))
    def shown_examples(self, tool: Tool) -> str:
        return json_text(tool.examples)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self.has_change_permission(request, obj):
            kwargs["form"] = form_of_tool()
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [part for part in self.fieldsets if part is not OF_A_RUN]

    def note(self, request: HttpRequest, verb: str, row: object, **details: Any) -> None:
        """Name the tool in the audit log by its slug, as its bulk actions and `store.toml` do."""
        super().note(request, verb, row.slug if isinstance(row, Tool) else row, **details)

    def save_model(self, request: HttpRequest, obj: Tool, form: Any, change: bool) -> None:
        obj.save(update_fields=[*DECIDED, "updated_at"])
        keep_tool_counts()

    def view_on_site(self, tool: Tool) -> str:
        """Return the address of the button, which else leads there by way of `admin/r/`."""
        return tool.get_absolute_url()


@admin.register(BrokenPlugin)
class BrokenPluginAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The plugins that the last sync left out, with the reasons. A sync after they are mended removes them here."""

    list_display = ["name", "reason", "released", "since", "seen_at"]
    list_filter = ["released"]
    search_fields = ["name"]
    search_help_text = _("The beginning of a name")
    finders = (begins("name"),)
    ordering = ["name"]
    sortable_by = ["name"]

    def has_change_permission(self, request: HttpRequest, obj: BrokenPlugin | None = None) -> bool:
        return False
