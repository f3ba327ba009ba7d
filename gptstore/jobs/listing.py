"""Lists of jobs: with an excerpt instead of the whole text, or with all of it, as far as that is bearable."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, F, JSONField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Greatest, Left, Length, StrIndex
from django.db.models.lookups import IContains, LessThanOrEqual

from gptstore.jobs.models import Job, Status
from gptstore.sdk.output import OutputKind
from gptstore.sdk.stored_file import DATA

EXCERPT_CHARACTERS = 400
"""The characters of an output that a list reads: more than it shows, since markup is not shown."""

MAX_INPUT_CHARACTERS = 500_000
"""The limit on an input of which a list shows the beginning: those with files may have millions."""

MAX_PAGE_CHARACTERS = 5_000_000
"""The limit on the inputs and outputs of a page of whole jobs. A single job may be longer."""


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
    """Match jobs whose input or output has these words. SQLite stores JSON with other letters than ASCII escaped.

    Base64 has all sorts of letters in it: of a file, what stands before its data is searched.
    """
    escaped = json.dumps(words)[1:-1]
    head = Left("output", Greatest(StrIndex("output", Value(DATA)), 1))
    in_file = Q(output_kind=OutputKind.FILE) & Q(IContains(head, words))
    in_table = Q(output_kind=OutputKind.TABLE, output__icontains=json.dumps(words, ensure_ascii=False)[1:-1])
    in_text = ~Q(output_kind=OutputKind.FILE) & Q(output__icontains=words)
    return in_text | in_file | in_table | Q(input__icontains=words) | Q(input__icontains=escaped)


def with_excerpts(jobs: QuerySet[Job]) -> QuerySet[Job]:
    is_short = LessThanOrEqual(Length(Cast("input", TextField())), MAX_INPUT_CHARACTERS)
    return jobs.defer("input", "output", "logprobs", "tool__examples", "tool__description").annotate(
        output_excerpt=Left("output", EXCERPT_CHARACTERS),
        short_input=Case(When(is_short, then=F("input")), output_field=JSONField()),
    )


def whole_jobs(jobs: QuerySet[Job], offset: int, limit: int) -> list[Job]:
    """Return up to `limit` jobs with their texts: as many as have MAX_PAGE_CHARACTERS together, but at least one."""
    sized = jobs.annotate(characters=Length("output") + Length(Cast("input", TextField())))
    ids: list[UUID] = []
    total = 0
    for job_id, characters in sized.values_list("id", "characters")[offset : offset + limit]:
        total += characters
        if ids and total > MAX_PAGE_CHARACTERS:
            break
        ids.append(job_id)
    return list(jobs.filter(id__in=ids).defer("logprobs"))
