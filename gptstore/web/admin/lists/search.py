"""What the lists of the admin search by: what an index finds, and nothing else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q

Finder = Callable[[str], Q | None]
"""Returns the condition of the rows that a text finds, or None where the text is not of its kind."""

LAST = "\U0010ffff"
HEX_DIGITS = 32
MIN_HEX_DIGITS = 8


def begins(column: str) -> Finder:
    """Find rows by the beginning of a column, in its upper and lower case as it is.

    SQLite uses no index for a LIKE without regard to case. In PostgreSQL's orders such a range has no end, but a begin:
    none puts a text before its own beginning. From there on it reads a list in order, where many begin so.
    """

    def find(text: str) -> Q:
        if connection.vendor == "postgresql":
            return Q(**{f"{column}__startswith": text, f"{column}__gte": text})
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST})

    return find


def slug_begins(text: str) -> Q:
    """Find by the beginning of a slug, or of a title as slugs write it."""
    return begins("slug")("-".join(text.lower().split()))  # type: ignore[return-value]


def is_of(column: str, model: type[Model], name: str) -> Finder:
    """Find the rows of one row of another table, by its unique name."""

    def find(text: str) -> Q | None:
        key = model._default_manager.filter(**{name: text}).values_list("pk", flat=True).first()
        return None if key is None else Q(**{column: key})

    return find


def equals(column: str) -> Finder:
    """Find rows whose column is the text, where there are any."""

    def find(text: str) -> Q | None:
        return Q(**{column: text})

    return find


def uuid_begins(text: str) -> Q | None:
    """Find rows by the beginning of an id, with or without its dashes."""
    digits = text.replace("-", "").lower()
    if not MIN_HEX_DIGITS <= len(digits) <= HEX_DIGITS or set(digits) - set("0123456789abcdef"):
        return None
    ends: list[Any] = [UUID(digits.ljust(HEX_DIGITS, filler)) for filler in "0f"]
    return Q(pk__range=ends)
