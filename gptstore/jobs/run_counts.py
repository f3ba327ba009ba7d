"""Keeps how often each tool was run: in all, by day, and in the last week.

A run is counted once it has ended, on the day (UTC) on which it was submitted. Its row says whether it was, and changes
in the transaction that counts it: whatever crashes, and however late a job is committed, each is counted once.

No lock is waited for here, and a tool's lock is the weaker one that a new job of it does not wait for.
"""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from gptstore.catalog.models import DailyRuns, Tool
from gptstore.jobs.models import ENDED_UNCOUNTED, Job

WEEK = timedelta(days=7)
MAX_AT_ONCE = 1000
MAX_SECONDS = 0.3

ADD_TO_TOOL = "UPDATE catalog_tool SET runs = runs + %s, runs_week = runs_week + %s WHERE id = %s"
ADD_TO_DAY = (
    "INSERT INTO catalog_dailyruns (runs, day, tool_id) VALUES (%s, %s, %s) "
    "ON CONFLICT (day, tool_id) DO UPDATE SET runs = catalog_dailyruns.runs + excluded.runs"
)


def keep_run_counts(seconds: float | None = None) -> None:
    """Count the runs that have ended since, and end the days that are older than a week.

    When they take longer than this time, MAX_SECONDS by default, the others come next time.
    """
    end = time.monotonic() + (MAX_SECONDS if seconds is None else seconds)
    ended = Job.objects.filter(ENDED_UNCOUNTED).order_by("id")
    while count_some(ended) and time.monotonic() < end:
        pass
    while end_some_days() and time.monotonic() < end:
        pass


@transaction.atomic
def count_some(jobs: QuerySet[Job]) -> int:
    """Count up to MAX_AT_ONCE of these jobs, those counted before aside. Return how many."""
    rows = jobs.filter(counted=False).select_for_update(skip_locked=True, no_key=True)
    found = list(rows.values_list("id", "tool_id", "created_at")[:MAX_AT_ONCE])
    tools = lock_tools(tool for _job, tool, _at in found)
    mine = [row for row in found if row[1] in tools]
    add_runs(Counter((day_of(at), tool) for _job, tool, at in mine))
    Job.objects.filter(id__in=[job for job, _tool, _at in mine]).update(counted=True)
    return len(mine)


def add_runs(runs: Counter[tuple[date, int]]) -> None:
    """Add to the counts of tools and of their days. Days that are over a week old have no count any more."""
    oldest = oldest_day()
    by_day = [(number, day.isoformat(), tool) for (day, tool), number in runs.items() if day >= oldest]
    all_time, week = Counter[int](), Counter[int]()
    for (day, tool), number in runs.items():
        all_time[tool] += number
        week[tool] += number if day >= oldest else 0
    with connection.cursor() as cursor:
        cursor.executemany(ADD_TO_TOOL, [(number, week[tool], tool) for tool, number in all_time.items()])
        cursor.executemany(ADD_TO_DAY, by_day)


@transaction.atomic
def end_some_days() -> int:
    """Take some of the days that are over a week old out of their tools' weeks, and delete them. Return how many."""
    old = DailyRuns.objects.filter(day__lt=oldest_day()).order_by("day").select_for_update(skip_locked=True)
    found = list(old.values_list("id", "tool_id", "runs")[:MAX_AT_ONCE])
    tools = lock_tools(tool for _day, tool, _runs in found)
    mine = [row for row in found if row[1] in tools]
    with connection.cursor() as cursor:
        cursor.executemany(ADD_TO_TOOL, [(0, -runs, tool) for _day, tool, runs in mine])
    DailyRuns.objects.filter(id__in=[day for day, _tool, _runs in mine]).delete()
    return len(mine)


def lock_tools(ids: Iterable[int]) -> set[int]:
    """Lock those of these tools that nobody else changes now, and return them."""
    tools = Tool.objects.filter(id__in=set(ids)).order_by("id")
    return set(tools.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True))


def oldest_day() -> date:
    """Return the first day of the last week, which ends today."""
    return day_of(datetime.now(UTC)) - WEEK + timedelta(days=1)


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()
