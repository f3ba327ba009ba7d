"""Pages that begin after a row, or end before one: none counts the rows of the others, or skips them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

Place = tuple[Any, ...]
SEPARATOR = "~"


@dataclass(frozen=True)
class Order:
    """The order of a list: by one column that is never null, with the key where it is not unique."""

    model: type[Model]
    column: str
    descending: bool

    @classmethod
    def parse(cls, model: type[Model], ordering: str) -> "Order":
        """Read an ordering as Django writes it, such as `-pk`."""
        name = ordering.removeprefix("-")
        column = model._meta.pk.name if name == "pk" else model._meta.get_field(name).name
        return cls(model, column, ordering.startswith("-"))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns that place a row: together they are unique."""
        unique: bool = self.model._meta.get_field(self.column).unique  # type: ignore[union-attr]
        return (self.column,) if unique else (self.column, "pk")

    def fields(self, *, backwards: bool = False) -> list[str]:
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{name}" for name in self.names]

    def beyond(self, place: Place, *, backwards: bool) -> Q:
        """Match the rows behind a place, or with `backwards` those before it."""
        return self.compare(place, "lt" if self.descending != backwards else "gt")

    def until(self, place: Place, *, backwards: bool) -> Q:
        """Match the rows up to a place that lies ahead, and the one there."""
        return self.compare(place, "gt" if self.descending != backwards else "lt", last="e")

    def compare(self, place: Place, sign: str, last: str = "") -> Q:
        first, *key = place
        if not key:
            return Q(**{f"{self.column}__{sign}{last}": first})
        return Q(**{f"{self.column}__{sign}e": first}) & (
            Q(**{f"{self.column}__{sign}": first}) | Q(**{f"pk__{sign}{last}": key[0]})
        )

    def place(self, row: Model) -> Place:
        return tuple(getattr(row, name) for name in self.names)

    def read(self, text: str) -> Place | None:
        """Return the place that `write` wrote; None of "". Raises ValidationError."""
        if not text:
            return None
        parts = text.rsplit(SEPARATOR, len(self.names) - 1)
        if len(parts) != len(self.names):
            raise ValidationError("no place in the list")
        columns = [self.model._meta.pk if name == "pk" else self.model._meta.get_field(name) for name in self.names]
        return tuple(column.to_python(part) for column, part in zip(columns, parts, strict=True))  # type: ignore[union-attr]


def write(place: Place) -> str:
    return SEPARATOR.join(map(str, place))


@dataclass(frozen=True)
class Page:
    """Some rows in their order, and where the pages beside them begin; None where there is none.

    searched: whether it stopped at `max_looked` rows; there may be more rows behind them.
    """

    rows: Sequence[Any] = field(default_factory=list)
    before: Place | None = None
    after: Place | None = None
    searched: bool = False


@dataclass(frozen=True)
class Rows:
    """The rows of a list. leading: by conditions that the list's index answers. matching: by all of them, or None.

    With `matching`, a page looks at `max_looked` rows of `leading` for those that match, and stops there. Each is
    looked up by its key, so that no index of another condition tempts the database to read all that it holds.
    """

    leading: QuerySet[Any]
    matching: QuerySet[Any] | None
    order: Order
    max_looked: int

    def page(self, size: int, place: Place | None = None, *, backwards: bool = False) -> Page:
        found, more, edge = self.take(size, place, backwards=backwards)
        onward = self.order.place(found[-1]) if more else edge
        if not backwards:
            back = None if place is None else self.order.place(found[0]) if found else place
            return Page(found, back, onward, searched=edge is not None and not more)
        if onward is None and len(found) < size:
            return self.page(size)
        found.reverse()
        return Page(found, onward, self.order.place(found[-1]) if found else edge, edge is not None and not more)

    def take(self, count: int, place: Place | None, *, backwards: bool = False) -> tuple[list[Any], bool, Place | None]:
        """Return up to `count` rows, whether more were found, and where the look stopped before it came to the end."""
        fields = self.order.fields(backwards=backwards)
        rows = self.leading.order_by(*fields)
        if place is not None:
            rows = rows.filter(self.order.beyond(place, backwards=backwards))
        edge = None
        if self.matching is not None:
            looked = rows.values_list(*self.order.names)
            edge = next(iter(looked[self.max_looked - 1 : self.max_looked]), None)
            if edge is not None:
                rows = rows.filter(self.order.until(edge, backwards=backwards))
            rows = rows.filter(Exists(self.matching.order_by().filter(pk=OuterRef("pk"))))
        found = list(rows[: count + 1])
        return found[:count], len(found) > count, edge
