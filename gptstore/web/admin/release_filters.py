from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import OPEN

ALL = "all"
SORTS: dict[str, tuple[Any, Q]] = {
    "open": (_("To be decided"), Q(status__in=OPEN)),
    **{str(status): (status.label, Q(status=status)) for status in ReleaseStatus},
    "yanked": (_("Yanked"), Q(yanked_at__isnull=False)),
    "quarantined": (_("In quarantine"), Q(quarantined_at__isnull=False)),
    ALL: (_("All"), Q()),
}
LEVELS: dict[str, tuple[Any, Q]] = {
    "low": (_("Low: 0 and 1"), Q(risk__lte=1)),
    "medium": (_("Medium: 2 to 4"), Q(risk__gte=2, risk__lte=4)),
    "high": (_("High: 5 to 10"), Q(risk__gte=5)),
}


class StatusFilter(admin.SimpleListFilter):
    """Shows what is to be decided, unless another status is chosen."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _condition) in SORTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Release]) -> QuerySet[Release]:
        return queryset.filter(SORTS.get(self.value() or "open", SORTS[ALL])[1])

    def choices(self, changelist: Any) -> Any:
        chosen = self.value() or "open"
        for name, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: name})
            yield {"selected": chosen == name, "query_string": query, "display": title}


class RiskFilter(admin.SimpleListFilter):
    title = _("risk")
    parameter_name = "risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _condition) in LEVELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Release]) -> QuerySet[Release]:
        return queryset.filter(LEVELS[self.value()][1]) if self.value() in LEVELS else queryset  # type: ignore[index]
