"""Lists of tools, a page at a time: each page begins after the last tool of the one before, wherever that is by then.

Each order has an index of `Tool` for the whole catalogue, a category and a publisher, so that a page costs the same
wherever it is in a list, and however long that is.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.models import Category, Tool, ToolQuerySet, ToolTag

PAGE = 24
MAX_COUNTED = 1000
MAX_CURSOR = 1000
MAX_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """An order of a list. columns: what it is ordered by, all in one direction; the last one is unique."""

    name: str
    title: str | Promise
    columns: tuple[str, ...]
    descending: bool

    @property
    def ordering(self) -> list[str]:
        return [f"-{column}" if self.descending else column for column in self.columns]

    def sort(self, tools: list[Tool]) -> list[Tool]:
        return sorted(tools, key=attrgetter(*self.columns), reverse=self.descending)


POPULAR = Order("popular", _("Popular"), ("runs_week", "id"), descending=True)
NEW = Order("new", _("New"), ("id",), descending=True)
TITLE = Order("title", _("A–Z"), ("title", "id"), descending=False)
FEATURED = Order("featured", _("Featured"), ("featured_position", "id"), descending=False)


@dataclass(frozen=True)
class ToolPage:
    """One page of a list. after: the cursor with which the next one is found; "" at the end."""

    tools: list[Tool]
    after: str


def page_of(tools: ToolQuerySet, order: Order, after: str = "", size: int = PAGE) -> ToolPage:
    """Return the page of a list that begins after a cursor. Raises WrongCursor."""
    found: list[Tool] = []
    for part in parts_after(tools, order, after):
        found += part.order_by(*order.ordering)[: size + 1 - len(found)]
        if len(found) > size:
            break
    return ToolPage(found[:size], write_cursor(order, found[size - 1]) if len(found) > size else "")


def parts_after(tools: ToolQuerySet, order: Order, after: str) -> list[ToolQuerySet]:
    """Return what comes after a cursor, in parts: those that equal its tool in the first column, then the others.

    As one comparison of rows, SQLite would read all of the first part, however far behind it the cursor is.
    """
    if not after:
        return [tools]
    values = read_cursor(order, after)
    follows = "lt" if order.descending else "gt"
    *first, last = [
        tools.filter(**{f"{column}__{follows}": value}) for column, value in zip(order.columns, values, strict=True)
    ]
    return [last.filter(**{order.columns[0]: values[0]}), *first] if first else [last]


def slice_by_category(tools: ToolQuerySet, offset: int, size: int) -> list[Tool]:
    """Return `size` tools after `offset` in the order of their categories and titles.

    Categories that lie before are counted by their index, and one is read after the other: nothing is sorted.
    """
    found: list[Tool] = []
    for category in Category.objects.order_by("position", "title", "id"):
        its = tools.filter(category=category)
        if offset and offset >= (number := its.count()):
            offset -= number
            continue
        found += its.order_by(*TITLE.ordering)[offset : offset + size - len(found)]
        offset = 0
        if len(found) == size:
            break
    return found


def page_of_tag(tools: ToolQuerySet, tag: str, after: str = "", size: int = PAGE) -> ToolPage:
    """Return such a page of the tools with a tag, the newest first, as the index of `ToolTag` has them."""
    rows = tagged(tools, tag).order_by("-tool_id")
    if after:
        rows = rows.filter(tool_id__lt=read_cursor(NEW, after)[0])
    ids = list(rows.values_list("tool_id", flat=True)[: size + 1])
    found = list(tools.filter(pk__in=ids[:size]).order_by("-id"))
    return ToolPage(found, write_cursor(NEW, found[-1]) if len(ids) > size else "")


def tagged(tools: ToolQuerySet, tag: str) -> QuerySet[ToolTag]:
    """Return the rows of a tag whose tools are among these."""
    return ToolTag.objects.filter(Exists(tools.order_by().filter(pk=OuterRef("tool_id"))), tag=tag)


def count_up_to(rows: QuerySet[Any], most: int = MAX_COUNTED) -> int:
    """Count the rows of a list whose number nobody keeps; one more than `most` when they are more."""
    return rows.order_by()[: most + 1].count()


def first_of_each(lists: Sequence[tuple[ToolQuerySet, Order]], size: int) -> list[list[Tool]]:
    """Return the first tools of several lists, each in its order, with two queries for all of them."""
    if not lists:
        return []
    branches: list[str] = []
    params: list[Any] = []
    for number, (tools, order) in enumerate(lists):
        sql, values = tools.order_by(*order.ordering).values("id")[:size].query.sql_with_params()
        branches.append(f"SELECT {number} AS list, id FROM ({sql}) AS list{number}")  # noqa: S608 - Django's own SQL
        params += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(branches), params)
        rows = cursor.fetchall()
    by_id = cards(Tool.objects.listed().order_by()).in_bulk({tool for _list, tool in rows})
    found: list[list[Tool]] = [[] for _ in lists]
    for number, tool in rows:
        if tool in by_id:
            found[number].append(by_id[tool])
    return [order.sort(its) for its, (_tools, order) in zip(found, lists, strict=True)]


def cards(tools: ToolQuerySet) -> ToolQuerySet:
    """Return the tools without the long columns, which no list shows."""
    return tools.defer("description", "input_schema", "examples")


def write_cursor(order: Order, tool: Tool) -> str:
    """Return the place of a tool in an order, as text for addresses."""
    text = json.dumps(
        [order.name, *(getattr(tool, column) for column in order.columns)], ensure_ascii=False, separators=(",", ":")
    )
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(order: Order, cursor: str) -> list[str | int]:
    """Return the values of the columns of an order. Raises WrongCursor: anybody may write what they like."""
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError
        name, *values = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if name != order.name or len(values) != len(order.columns):
            raise ValueError
        return [check_value(column, value) for column, value in zip(order.columns, values, strict=True)]
    except (ValueError, TypeError, RecursionError):
        raise WrongCursor from None


def check_value(column: str, value: object) -> str | int:
    """Return a value that the database can compare with this column. Raises ValueError."""
    if column == "title" and isinstance(value, str) and "\0" not in value:
        value.encode()  # half a surrogate pair is no text for a database
        return value
    if column != "title" and type(value) is int and 0 <= value <= MAX_NUMBER:
        return value
    raise ValueError(column)
