"""The base of the admins whose tables grow."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from gptstore.web.admin.base.audited import AuditedAdmin
from gptstore.web.admin.lists.change_list import KeysetChangeList
from gptstore.web.admin.lists.search import Finder

NOTHING = Q(pk__in=[])


class BoundedPaginator(Paginator):
    """Counts no further than MAX_COUNTED. It pages what a filter offers to complete a text."""

    MAX_COUNTED = 200

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.MAX_COUNTED].count())


class KeysetAdmin(AuditedAdmin):
    """An admin whose list costs the same on each page, however many rows there are.

    finders: how its search finds rows, one after the other; the first that knows what to do with a text decides.
    leading_filters: those for which an index holds the rows in the order of the list. One of them, or the search,
    leads; what it leaves is looked at row by row, at most `max_looked` a page. order_filters: those on the column of
    the order. ordering and sortable_by: columns that are never null, with an index. max_chosen: rows of one action.
    """

    change_list_template = "admin/lists/change_list.html"
    list_per_page = 25
    list_filter_submit = True
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = BoundedPaginator
    sortable_by: ClassVar[Any] = ()
    finders: tuple[Finder, ...] = ()
    leading_filters: tuple[str, ...] = ()
    order_filters: tuple[str, ...] = ()
    max_looked = 10_000
    max_chosen = 500

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def find(self, text: str) -> Q:
        """Return the condition of what a text finds."""
        return next((found for finder in self.finders if (found := finder(text)) is not None), NOTHING)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        return (queryset.filter(self.find(text)) if text else queryset), False

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Run an action on the rows that were chosen, whose keys alone decide.

        Who chose all that match gets the first `max_chosen` of them, from the page on, and is told.
        """
        rows = self.get_queryset(request)
        if request.POST.get("select_across") == "1":
            keys, more = self.get_changelist_instance(request).keys_from_here(request, self.max_chosen)
            rows = rows.filter(pk__in=keys)
            if more:
                text = _("The action took %(count)d rows, from this page on. Repeat it for what is left.")
                self.message_user(request, text % {"count": len(keys)}, messages.WARNING)
        elif len(request.POST.getlist(ACTION_CHECKBOX_NAME)) > self.max_chosen:
            self.message_user(request, _("Choose fewer rows."), messages.ERROR)
            return None
        return super().response_action(request, rows)
