"""The pages of lists of tools: of a category, of a tag, of a publisher. Each shows what its reader may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.lists import (
    MAX_COUNTED,
    NEW,
    POPULAR,
    TITLE,
    Order,
    ToolPage,
    cards,
    count_up_to,
    page_of,
    page_of_tag,
    tagged,
)
from gptstore.catalog.models import Category, Tool
from gptstore.web.catalog.cards import make_cards
from gptstore.web.requests import PageRequest


@dataclass(frozen=True)
class ToolList:
    """A list as its page shows it. kind: such as "Tag", where the title alone does not tell what it is of.

    orders: those that there are to choose from. number: of its tools, counted up to one more than MAX_COUNTED.
    """

    title: str
    number: int
    order: Order
    orders: Sequence[Order]
    kind: str = ""
    summary: str = ""

    @property
    def is_counted(self) -> bool:
        """Return whether the number is all of it: a category's is kept, the others are counted for so long."""
        return not self.kind or self.number <= MAX_COUNTED

    def address(self, after: str = "") -> str:
        """Return the rest of the address of a page of this list."""
        query = {"sort": self.order.name} if self.order is not self.orders[0] else {}
        return f"?{urlencode({**query, 'after': after} if after else query)}"


@require_safe
def category(request: PageRequest, slug: str) -> HttpResponse:
    """Show anybody the tools of a category that they may see."""
    found = get_object_or_404(Category, slug=slug)
    tools = cards(Tool.objects.listed_for(request.user)).filter(category=found)
    orders = (POPULAR, NEW, TITLE)
    order = order_of(request, orders)
    summary = _(found.summary) if found.summary else ""
    shown = ToolList(_(found.title), found.number_for(request.user), order, orders, summary=summary)
    return show_page(request, shown, lambda after: page_of(tools, order, after))


@require_safe
def tag(request: PageRequest, tag: str) -> HttpResponse:
    """Show anybody the tools with a tag that they may see. Where there is none, nothing is found."""
    name = without_nul(tag)
    tools = cards(Tool.objects.listed_for(request.user))
    shown = ToolList(name, number_of(tagged(tools, name)), NEW, (NEW,), _("Tag"))
    return show_page(request, shown, lambda after: page_of_tag(tools, name, after))


@require_safe
def publisher(request: PageRequest, name: str) -> HttpResponse:
    """Show anybody the tools of a publisher that they may see. Where there is none, nothing is found."""
    tools = cards(Tool.objects.listed_for(request.user)).filter(author=without_nul(name))
    orders = (POPULAR, NEW)
    order = order_of(request, orders)
    shown = ToolList(name, number_of(tools), order, orders, _("Publisher"))
    return show_page(request, shown, lambda after: page_of(tools, order, after))


def show_page(request: PageRequest, shown: ToolList, find: Callable[[str], ToolPage]) -> HttpResponse:
    """Show the page of a list that begins after `?after=`; to htmx the cards alone, which it adds to those before."""
    after = request.GET.get("after", "")
    try:
        page = find(after)
    except WrongCursor:
        raise Http404 from None
    [its] = make_cards(page.tools)
    context = {"list": shown, "cards": its, "after": after, "next": shown.address(page.after) if page.after else ""}
    response = render(request, "catalog/more.html" if request.htmx and after else "catalog/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def order_of(request: PageRequest, orders: Sequence[Order]) -> Order:
    """Return the order that `?sort=` names, else the first one."""
    return next((order for order in orders if order.name == request.GET.get("sort")), orders[0])


def number_of(rows: QuerySet[Any]) -> int:
    """Count a list whose number nobody keeps. Raises Http404 where it is empty."""
    if number := count_up_to(rows):
        return number
    raise Http404


def without_nul(text: str) -> str:
    """Return a name of the address. Raises Http404 where PostgreSQL could not compare it."""
    if "\0" in text:
        raise Http404
    return text
