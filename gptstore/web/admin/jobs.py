from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.models import FINAL, Job, Worker
from gptstore.web.admin.base.audited import ReadOnlyAdmin
from gptstore.web.admin.lists.filters import ExactFilter, IdDateFilter
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import is_of, uuid_begins

PRIVATE = ("input", "output", "logprobs")


@admin.register(Job)
class JobAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The admin of jobs. Admins see that a job ran and how it ended. Its owner's input and output are not shown."""

    list_display = ["id", "tool", "owner", "status", "error_code", "attempt", "worker", "created_at", "completed_at"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("error_code", ChoicesDropdownFilter),
        ("tool", AutocompleteSelectFilter),
        ("owner", AutocompleteSelectFilter),
        ("created_at", IdDateFilter),
        ("worker", ExactFilter),
    ]
    leading_filters = ("owner", "tool", "status")
    order_filters = ("created_at",)
    list_select_related = ["tool", "owner"]
    search_fields = ["id", "owner__username", "tool__slug"]
    search_help_text = _("The beginning of an id; a person’s or a tool’s whole name")
    finders = (uuid_begins, is_of("owner", User, "username"), is_of("tool", Tool, "slug"))
    ordering = ["-id"]
    fields = readonly_fields = [field.name for field in Job._meta.fields if field.name not in PRIVATE]
    actions = ["cancel_jobs"]
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).defer(*PRIVATE)

    @admin.action(description=_("Cancel the chosen jobs"), permissions=["change"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        active = list(queryset.exclude(status__in=FINAL).select_related("tool"))
        for job in active:
            cancel(job)
            self.note(request, "cancel", job.id, tool=job.tool.slug)
        message = ngettext("%(count)d job is being canceled.", "%(count)d jobs are being canceled.", len(active))
        self.message_user(request, message % {"count": len(active)})


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ["name", "model", "device", "sandbox", "started_at", "last_seen_at"]
    readonly_fields = [field.name for field in Worker._meta.fields]

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
