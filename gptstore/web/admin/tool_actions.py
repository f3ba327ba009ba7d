"""What an admin does to many tools at once. Some actions ask first, on a page that keeps which tools were chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gptstore.catalog import decisions
from gptstore.catalog.models import Tool, Visibility
from gptstore.web.admin.base.audited import AuditedAdmin
from gptstore.web.admin.tool_form import AudienceFields, CategoryField

MAX_CHOSEN = 100_000
MAX_NAMED = 20
INVALID = 422


class AudienceForm(AudienceFields):
    """Who may see and launch the chosen tools."""


class MoveForm(forms.Form):
    category = CategoryField()


def show_to(tools: list[int], cleaned: dict[str, Any]) -> decisions.Slugs:
    return decisions.show_to(tools, cleaned["visibility"], cleaned["groups"])


def audience(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Return what the audit log says about it."""
    groups = {"groups": sorted(group.name for group in cleaned["groups"])}
    return {"visibility": cleaned["visibility"], **(groups if cleaned["visibility"] == Visibility.GROUPS else {})}


def move(tools: list[int], cleaned: dict[str, Any]) -> decisions.Slugs:
    category = cleaned["category"]
    return decisions.move_back(tools) if category is None else decisions.move(tools, category)


@dataclass(frozen=True)
class AskingAction:
    """An action with a page that asks. log: what the audit log says about the values that were entered."""

    title: str | Promise
    form: type[forms.Form]
    run: Callable[[list[int], dict[str, Any]], decisions.Slugs]
    log: Callable[[dict[str, Any]], dict[str, Any]]


ASKING = {
    "audience": AskingAction(_("Set who may see and launch tools"), AudienceForm, show_to, audience),
    "move": AskingAction(
        _("Move tools to a category"),
        MoveForm,
        move,
        lambda cleaned: {"category": cleaned["category"].slug if cleaned["category"] else "as its author says"},
    ),
}


class ToolActions(AuditedAdmin):
    actions = ["switch_on", "switch_off", "feature", "unfeature", "set_audience", "move_to_category"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.take_many))
        return [path("many/<slug:verb>/", view, name="catalog_tool_many"), *super().get_urls()]

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Tool]) -> None:
        self.done(request, decisions.switch(ids_of(queryset), True), enabled=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Tool]) -> None:
        self.done(request, decisions.switch(ids_of(queryset), False), enabled=False)

    @admin.action(description=_("Feature, behind those that are"), permissions=["change"])
    def feature(self, request: HttpRequest, queryset: QuerySet[Tool]) -> None:
        self.done(request, decisions.feature(ids_of(queryset)), featured=True)

    @admin.action(description=_("Feature no more"), permissions=["change"])
    def unfeature(self, request: HttpRequest, queryset: QuerySet[Tool]) -> None:
        self.done(request, decisions.unfeature(ids_of(queryset)), featured=False)

    @admin.action(description=_("Set who may see and launch them…"), permissions=["change"])
    def set_audience(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse:
        return self.ask(request, "audience", ids_of(queryset), ASKING["audience"].form())

    @admin.action(description=_("Move to a category…"), permissions=["change"])
    def move_to_category(self, request: HttpRequest, queryset: QuerySet[Tool]) -> HttpResponse:
        return self.ask(request, "move", ids_of(queryset), ASKING["move"].form())

    def take_many(self, request: HttpRequest, verb: str) -> HttpResponse:
        """Do to the chosen tools what was asked for, for those who may change tools; or ask again."""
        asked = ASKING.get(verb)
        if asked is None or not self.has_change_permission(request):
            raise PermissionDenied
        tools = [int(pk) for pk in request.POST.get("tools", "").split(",") if pk.isdecimal() and len(pk) < 19]
        form = asked.form(request.POST)
        if not form.is_valid():
            return self.ask(request, verb, tools[:MAX_CHOSEN], form, INVALID)
        with transaction.atomic():
            self.done(request, asked.run(tools[:MAX_CHOSEN], form.cleaned_data), **asked.log(form.cleaned_data))
        return HttpResponseRedirect(reverse("admin:catalog_tool_changelist"))

    def ask(
        self, request: HttpRequest, verb: str, tools: list[int], form: forms.Form, status: int = 200
    ) -> HttpResponse:
        asked = ASKING[verb]
        named = Tool.objects.filter(pk__in=tools[:MAX_NAMED]).order_by("title")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": asked.title,
            "asked": asked,
            "form": form,
            "action": reverse("admin:catalog_tool_many", args=[verb]),
            "tools": ",".join(map(str, tools)),
            "named": named,
            "count": len(tools),
            "more": len(tools) - len(tools[:MAX_NAMED]),
        }
        return TemplateResponse(request, "admin/catalog/many.html", context, status=status)

    def done(self, request: HttpRequest, changed: decisions.Slugs, **details: Any) -> None:
        """Record each tool that was changed, and say how many."""
        self.note_many(request, "change", changed, **details)
        message = ngettext("%(count)d tool was changed.", "%(count)d tools were changed.", len(changed))
        self.message_user(request, message % {"count": len(changed)})


def ids_of(tools: QuerySet[Tool]) -> list[int]:
    return [*tools.order_by("pk").values_list("pk", flat=True)[:MAX_CHOSEN]]
