"""The base of every admin of the site: what admins change is in the audit log, in the transaction of the change."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from gptstore.audit.record import record, record_many


class AuditedAdmin(ModelAdmin):
    """An admin that records additions, changes, deletions and what its actions do.

    Django calls `log_addition` and `log_change` for each saved form, and for each row of a list that was edited. An
    action of its own calls `note` for each row that it changes. `delete_one` deletes a row.
    """

    def note(self, request: HttpRequest, verb: str, row: object, **details: Any) -> None:
        """Write an event such as `apikey.revoke`. details: without what is secret."""
        record(request.user, f"{self.opts.model_name}.{verb}", str(row), **details)  # type: ignore[arg-type]

    def note_many(self, request: HttpRequest, verb: str, targets: Iterable[str], **details: Any) -> int:
        """Write such an event for each target, in a few statements. Return how many."""
        return record_many(request.user, f"{self.opts.model_name}.{verb}", targets, **details)  # type: ignore[arg-type]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.note(request, "add", obj, changes=message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record which fields were changed, by their labels: not what was in them."""
        self.note(request, "change", obj, changes=message)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        name = str(obj)
        self.delete_one(obj)
        self.note(request, "delete", name)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def delete_one(self, row: Any) -> None:
        row.delete()

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Run an action in one transaction: all that it changes is recorded, or nothing is changed."""
        with transaction.atomic():
            return super().response_action(request, queryset)


class ReadOnlyAdmin(AuditedAdmin):
    """An admin of rows that come from elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
