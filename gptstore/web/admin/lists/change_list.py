from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from unfold.views import ChangeList

from gptstore.web.admin.lists.keyset import Order, Page, Place, Rows, write

AFTER, BEFORE = "after", "before"


class Links:
    """Stands where Django's list has its paginator: the links to the pages beside this one."""

    template_name = "admin/lists/pages.html"

    def __init__(self, page: Page, query: str, max_looked: int) -> None:
        self.previous = self.link(query, BEFORE, page.before)
        self.next = self.link(query, AFTER, page.after)
        self.searched = max_looked if page.searched else 0

    @staticmethod
    def link(query: str, name: str, place: Place | None) -> str:
        return "" if place is None else "?" + "&".join(filter(None, [query, urlencode({name: write(place)})]))


class KeysetChangeList(ChangeList):
    """Reads a page by its place. `model_admin` is a `gptstore.web.admin.lists.keyset_admin.KeysetAdmin`."""

    query: str
    rows: Rows

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        self.order = Order.parse(self.model, str(super().get_ordering(request, queryset)[0]))
        return self.order.fields()

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return all that match. The list itself reads `rows`."""
        sought, self.query = self.query.strip(), ""
        matching = super().get_queryset(request, exclude_parameters)
        self.query = sought
        leading, has_led = self.root_queryset, bool(sought)
        if sought:
            condition = self.model_admin.find(sought)
            leading, matching = leading.filter(condition), matching.filter(condition)
        for spec in self.filter_specs:
            name = getattr(spec, "field_path", None) or getattr(spec, "parameter_name", "")
            narrowed = spec.queryset(request, leading)
            if narrowed is None or conditions(narrowed) == conditions(leading):
                continue
            if name in self.model_admin.order_filters:
                leading = narrowed
            elif name in self.model_admin.leading_filters and not has_led:
                leading, has_led = narrowed, True
        is_all = conditions(leading) == conditions(matching)
        if not leading.query.select_related:
            leading = self.apply_select_related(leading)
        self.rows = Rows(leading, None if is_all else matching, self.order, self.model_admin.max_looked)
        return matching

    def get_results(self, request: HttpRequest) -> None:
        place, backwards = self.read_place(request)
        page = self.rows.page(self.list_per_page, place, backwards=backwards)
        self.result_list = self.queryset.all()
        self.result_list._result_cache = list(page.rows)
        self.paginator = Links(page, self.get_query_string().removeprefix("?"), self.model_admin.max_looked)
        self.is_whole = not (self.paginator.previous or self.paginator.next)
        self.result_count = len(page.rows) + (not self.is_whole)
        self.full_result_count = self.result_count
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True

    def read_place(self, request: HttpRequest) -> tuple[Place | None, bool]:
        """Return where the page begins, and whether it goes backwards from there."""
        before, after = (request.GET.get(name, "") for name in (BEFORE, AFTER))
        try:
            return self.order.read(before or after), bool(before)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error

    def get_filters_params(self, params: Any = None) -> Any:
        for name in (AFTER, BEFORE):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_filters_params(params)

    def keys_from_here(self, request: HttpRequest, count: int) -> tuple[list[Any], bool]:
        """Return the keys of what matches from this page on, up to `count`, and whether there may be more."""
        place, backwards = self.read_place(request)
        if backwards:
            first = next(iter(self.result_list), None)
            found, more, edge = self.rows.take(count - bool(first), first and self.order.place(first))
            found = [first, *found] if first else found
        else:
            found, more, edge = self.rows.take(count, place)
        return [row.pk for row in found], more or edge is not None


def conditions(rows: QuerySet[Any]) -> int:
    return len(rows.query.where.children)
