from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from gptstore.catalog import decisions
from gptstore.catalog.models import Category, Tool
from gptstore.web.admin.list_admin import ListAdmin

MAX_NAMED = 5


class MergeForm(forms.Form):
    """The category that the tools of others move to. Those go."""

    into = forms.ModelChoiceField(
        Category.objects.all(), label=gettext_lazy("Into"), empty_label=None, widget=UnfoldAdminSelectWidget()
    )


@admin.register(Category)
class CategoryAdmin(ListAdmin):
    """The categories. One with tools is not deleted: it is merged into another one, or its tools move first."""

    list_display = ["title", "slug", "position", "tool_count"]
    list_editable = ["position"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    actions = ["merge", "delete_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(tool_count=Count("tools"))

    @admin.display(description=gettext_lazy("tools"), ordering="tool_count")
    def tool_count(self, category: Category) -> int:
        return int(getattr(category, "tool_count", 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> list[str]:
        """Keep the slug of a category that there is: plugins name it by that."""
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Category | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["title"]}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.has_delete_permission(request) and self.refuse(
            request, self.get_queryset(request).filter(pk=object_id)
        ):
            return HttpResponseRedirect(reverse("admin:catalog_category_changelist"))
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description=gettext_lazy("Delete the chosen categories"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Category]) -> HttpResponse | None:
        if self.refuse(request, queryset):
            return None
        return delete_selected(self, request, queryset)

    def refuse(self, request: HttpRequest, categories: QuerySet[Category]) -> bool:
        """Say what to do about those that have tools. Return whether there are any."""
        filled = categories.annotate(number=Count("tools")).filter(number__gt=0)
        named = [f"{one.title} ({one.number})" for one in filled[: MAX_NAMED + 1]]
        if named:
            text = _("These categories have tools: %(names)s. Merge them into another one, or move their tools first.")
            shown = named if len(named) <= MAX_NAMED else [*named[:MAX_NAMED], "…"]
            self.message_user(request, text % {"names": ", ".join(shown)}, messages.ERROR)
        return bool(named)

    @admin.action(description=gettext_lazy("Merge into another category…"), permissions=["change", "delete"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Category]) -> HttpResponse | None:
        """Move all tools of the chosen categories to another one, and delete them."""
        form = MergeForm(request.POST if "into" in request.POST else None)
        if form.is_bound and form.is_valid():
            self.merge_into(
                request, [one for one in queryset if one != form.cleaned_data["into"]], form.cleaned_data["into"]
            )
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Merge categories"),
            "form": form,
            "chosen": queryset,
        }
        return TemplateResponse(request, "admin/catalog/merge.html", context)

    def merge_into(self, request: HttpRequest, categories: list[Category], into: Category) -> None:
        moved = 0
        for category in categories:
            ids = [*Tool.objects.filter(category=category).values_list("pk", flat=True)]
            moved += len(decisions.move(ids, into))
            self.note(request, "merge", category.title, into=into.title, tools=len(ids))
            category.delete()
        text = ngettext("%(count)d tool is in %(category)s now.", "%(count)d tools are in %(category)s now.", moved)
        self.message_user(request, text % {"count": moved, "category": into.title})
