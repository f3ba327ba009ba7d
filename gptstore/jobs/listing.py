"""Lists of jobs, with an excerpt instead of the whole text."""

import json
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from gptstore.jobs.models import Job, Status

EXCERPT_CHARACTERS = 160


@dataclass(frozen=True)
class Filters:
    """The filters of a person's list; "" narrows nothing."""

    status: str = ""
    tool: str = ""
    query: str = ""

    def __bool__(self) -> bool:
        return bool(self.status or self.tool or self.query)


def narrow(jobs: QuerySet[Job], filters: Filters) -> QuerySet[Job]:
    if filters.status in Status.values:
        jobs = jobs.filter(status=filters.status)
    if filters.tool:
        jobs = jobs.filter(tool__slug=filters.tool)
    if filters.query:
        jobs = jobs.filter(holds(filters.query))
    return jobs


def holds(words: str) -> Q:
    """Match jobs whose input or output has these words. SQLite stores JSON with other letters than ASCII escaped."""
    escaped = json.dumps(words)[1:-1]
    return Q(output__icontains=words) | Q(input__icontains=words) | Q(input__icontains=escaped)


def with_excerpts(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.defer("output", "tool__examples", "tool__description").annotate(
        output_excerpt=Left("output", EXCERPT_CHARACTERS)
    )
