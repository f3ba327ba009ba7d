"""The audit log in the admin: read only, newest first, and with a bound on what one page looks at."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from gptstore.audit.chain import verify
from gptstore.audit.errors import BrokenChain
from gptstore.audit.models import AuditEvent
from gptstore.web.admin.steps import SteppedAdmin

MAX_ROWS = 100
MAX_SEARCHED = 20_000
"""Events that one page looks through for those that are asked for; a link goes on before them."""

MAX_VERIFIED = 1_000
FIELDS = (
    ("action", _("Action begins with")),
    ("actor", _("Who")),
    ("target", _("Target begins with")),
    ("q", _("Search")),
)


@admin.register(AuditEvent)
class AuditEventAdmin(SteppedAdmin):
    """A page of events goes from one number back, so that no page counts or skips all that came before."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        end = AuditEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0
        before = read_number(request.GET.get("before", ""), end + 1)
        asked = {name: request.GET.get(name, "").strip()[:200] for name, _label in FIELDS}
        floor = max(0, before - MAX_SEARCHED) if any(asked.values()) else 0
        found = [*matching(asked).filter(number__lt=before, number__gte=floor).order_by("-number")[: MAX_ROWS + 1]]
        events, next_before = found[:MAX_ROWS], found[MAX_ROWS - 1].number if len(found) > MAX_ROWS else floor
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.opts.verbose_name_plural,
            "events": events,
            "fields": [{"name": name, "label": label, "value": asked[name]} for name, label in FIELDS],
            "is_filtered": any(asked.values()),
            "older": query(request, next_before) if next_before > 1 else "",
            "searched_from": floor,
            "is_newest": before > end,
            **chain_state(),
        }
        return TemplateResponse(request, "admin/audit/events.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        event = self.row(request, object_id)
        return self.show(request, "admin/audit/event.html", event, event=event)


def matching(asked: dict[str, str]) -> QuerySet[AuditEvent]:
    conditions = {
        "action": Q(action__startswith=asked["action"]),
        "actor": Q(actor=asked["actor"]),
        "target": Q(target__startswith=asked["target"]),
        "q": Q(action__icontains=asked["q"]) | Q(actor__icontains=asked["q"]) | Q(target__icontains=asked["q"]),
    }
    found = AuditEvent.objects.all()
    for name, condition in conditions.items():
        if asked[name]:
            found = found.filter(condition)
    return found


def read_number(text: str, default: int) -> int:
    return min(int(text), default) if text.isdecimal() and len(text) < 19 else default


def query(request: HttpRequest, before: int) -> str:
    asked: QueryDict = request.GET.copy()
    asked["before"] = str(before)
    return asked.urlencode()


def chain_state() -> dict[str, Any]:
    """Verify the newest events. Return from which to which the chain is whole, or what breaks it."""
    try:
        number, _last = verify(newest=MAX_VERIFIED)
    except BrokenChain as error:
        return {"chain_fault": str(error)}
    return {"verified_from": max(1, number - MAX_VERIFIED + 1), "verified_to": number}
