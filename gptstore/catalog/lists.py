"""Lists of tools, a page at a time: each page begins after the last tool of the one before, wherever that is by then.

Each order has an index of `Tool` for the whole catalogue, a category and a publisher, so that a page costs the same
wherever it is in a list, and however long that is.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.errors import WrongCursor
from gptstore.catalog.models import Tool, ToolQuerySet

PAGE = 24
MAX_CURSOR = 1000
MAX_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Order:
    """An order of a list. columns: what it is ordered by, all in one direction; the last one is unique."""

    name: str
    title: str
    columns: tuple[str, ...]
    descending: bool

    @property
    def ordering(self) -> list[str]:
        return [f"-{column}" if self.descending else column for column in self.columns]


POPULAR = Order("popular", _("Popular"), ("runs_week", "id"), descending=True)
NEW = Order("new", _("New"), ("id",), descending=True)
TITLE = Order("title", _("A–Z"), ("title", "id"), descending=False)


@dataclass(frozen=True)
class ToolPage:
    """One page of a list. after: the cursor with which the next one is found; "" at the end."""

    tools: list[Tool]
    after: str


def page_of(tools: ToolQuerySet, order: Order, after: str = "", size: int = PAGE) -> ToolPage:
    """Return the page of a list that begins after a cursor. Raises WrongCursor."""
    if after:
        tools = tools.filter(is_after(order, after))
    found = list(tools.order_by(*order.ordering)[: size + 1])
    return ToolPage(found[:size], write_cursor(order, found[size - 1]) if len(found) > size else "")


def is_after(order: Order, cursor: str) -> TupleGreaterThan | TupleLessThan:
    """Return the condition of what comes after a cursor: one comparison of rows, which begins there in an index."""
    follows = TupleLessThan if order.descending else TupleGreaterThan
    return follows(Tuple(*map(F, order.columns)), read_cursor(order, cursor))


def write_cursor(order: Order, tool: Tool) -> str:
    """Return the place of a tool in an order, as text for addresses."""
    text = json.dumps([order.name, *(getattr(tool, column) for column in order.columns)], separators=(",", ":"))
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
    if column == "title":
        if isinstance(value, str) and "\0" not in value and value.isprintable():
            return value
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER:
        return value
    raise ValueError(column)
