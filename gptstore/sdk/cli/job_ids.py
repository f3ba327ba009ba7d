"""The ids of jobs as people type them: whole, or a unique beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.terminal import harmless_line

if TYPE_CHECKING:
    from gptstore.sdk.cli.store_client import Store

LATEST = 100
MIN_SHOWN = 8


def read_job_id(store: Store, typed: str) -> str:
    """Return a whole id for the beginning of one of the latest jobs. Raises UsageError for none, and for several."""
    try:
        return str(UUID(typed))
    except ValueError:
        beginning = typed.lower()
    found = [job["id"] for job in store.jobs(LATEST) if str(job["id"]).startswith(beginning)] if typed else []
    if len(found) == 1:
        return str(UUID(found[0]))
    if not found:
        raise UsageError(f"None of your latest {LATEST} jobs has an id that begins with {harmless_line(typed)!r}.")
    raise UsageError(f"Several of your latest jobs begin with {beginning}: {', '.join(found)}.")


def shorten(ids: Sequence[str]) -> list[str]:
    """Return the shortest beginning of each id that none of the others has, of eight characters or more."""
    return [_unique(one, [other for other in ids if other != one]) for one in ids]


def _unique(one: str, others: Sequence[str]) -> str:
    length = MIN_SHOWN
    while any(other.startswith(one[:length]) for other in others) and length < len(one):
        length += 1
    return one[:length].rstrip("-")
