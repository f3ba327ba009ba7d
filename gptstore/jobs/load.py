"""The load of the store: jobs that end each minute, jobs that failed lately, and jobs that wait or run.

Each query reads a part of an index that does not grow with the table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from threading import Lock
from typing import Any

from django.db import connection
from django.db.models import Count, DateTimeField, Func, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from gptstore.jobs.models import FINAL, WAITS, Job, Status

MINUTE = timedelta(minutes=1)
SHOWN_MINUTES = 60
FAILED_WITHIN = timedelta(days=1)
MAX_COUNTED = 10_000


class StartOfMinute(Func):
    """The minute of a time. Django's `TruncMinute` calls Python for each row of SQLite."""

    arity = 1
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 16)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="date_trunc('minute', %(expressions)s)", **context)


@dataclass(frozen=True)
class MinuteOfLoad:
    """The jobs that ended in the minute from `at` on, and the tokens that they made."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    tokens: int = 0

    @property
    def jobs(self) -> int:
        return self.succeeded + self.failed + self.canceled


class LoadHistory:
    """The last hour, for every caller in this process. A minute is read until it has been over for a minute."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.minutes: dict[datetime, MinuteOfLoad] = {}
        self.settled_until: datetime | None = None

    def last_hour(self) -> list[MinuteOfLoad]:
        """Return its minutes, oldest first; the last one is not over yet."""
        this = timezone.now().replace(second=0, microsecond=0)
        shown = [this - MINUTE * ago for ago in reversed(range(SHOWN_MINUTES))]
        with self.lock:
            begin = max(shown[0], self.settled_until or shown[0])
            settled = {at: minute for at, minute in self.minutes.items() if shown[0] <= at < begin}
            self.minutes = settled | read_minutes(begin)
            self.settled_until = this - MINUTE
            return [self.minutes.get(at, MinuteOfLoad(at)) for at in shown]

    def forget(self) -> None:
        self.minutes, self.settled_until = {}, None


load_history = LoadHistory()


def read_minutes(begin: datetime) -> dict[datetime, MinuteOfLoad]:
    """Return the minutes since then in which a job ended."""
    ended = Job.objects.filter(status__in=sorted(FINAL), completed_at__gte=begin).order_by()
    rows = ended.annotate(minute=StartOfMinute("completed_at")).values_list("minute")
    of = {name: Count("status", filter=Q(status=name)) for name in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)}
    return {row[0]: MinuteOfLoad(*row) for row in rows.annotate(**of, tokens=Sum("completion_tokens"))}


@dataclass(frozen=True)
class CountByTool:
    """Jobs by their tool (id), most first. is_whole: whether these are all; else `MAX_COUNTED` of them, and one."""

    tools: dict[int, int]

    @property
    def counted(self) -> int:
        return sum(self.tools.values())

    @property
    def is_whole(self) -> bool:
        return self.counted <= MAX_COUNTED

    @property
    def total(self) -> int:
        return min(self.counted, MAX_COUNTED)


def count_by_tool(jobs: QuerySet[Job]) -> CountByTool:
    """Count the first `MAX_COUNTED` of these jobs in the database, which Django does only for all of them."""
    first, parameters = jobs.values("tool_id")[: MAX_COUNTED + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tool_id, count(*) FROM ({first}) AS first GROUP BY tool_id", parameters)  # noqa: S608
        return CountByTool(dict(sorted(cursor.fetchall(), key=itemgetter(1), reverse=True)))


def count_failed() -> CountByTool:
    """Return the newest jobs that failed within `FAILED_WITHIN`."""
    failed = Job.objects.filter(status=Status.FAILED, completed_at__gt=Now() - FAILED_WITHIN)
    return count_by_tool(failed.order_by("-completed_at"))


def count_queued() -> CountByTool:
    return count_by_tool(Job.objects.filter(status=Status.QUEUED).order_by())


def oldest_queued() -> timedelta | None:
    """Return for how long the oldest queued job has waited; None when none does."""
    waiting = Job.objects.filter(WAITS).order_by("created_at")
    since = waiting.values_list("created_at", flat=True).first()
    return None if since is None else max(timedelta(), timezone.now() - since)


def count_running() -> dict[str, int]:
    """Return the number of running jobs of each worker, by its name, lost ones too."""
    running = Job.objects.filter(status=Status.RUNNING).order_by().values_list("worker")
    return dict(running.annotate(jobs=Count("*")))
