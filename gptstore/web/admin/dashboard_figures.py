"""The figures of the dashboard, each read only for those who may see the rows behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum

from gptstore.catalog.models import Tool
from gptstore.jobs.database_size import database_bytes, estimate_jobs
from gptstore.jobs.load import CountByTool, count_failed, count_queued, load_history, oldest_queued
from gptstore.releases.models import Deployment, DeploymentState, Release, ReleaseStatus
from gptstore.web.admin.dashboard_charts import JOBS, TOKENS, Chart
from gptstore.web.admin.fleet_workers import FleetWorkers, age, read_workers

MAX_ROLLOUTS = 20
MAX_FAILING_TOOLS = 10


@dataclass(frozen=True)
class JobFigures:
    """Jobs and tokens of the last hour, failures of the last day, and the queue."""

    jobs: Chart
    tokens: Chart
    failed: CountByTool
    failing_tools: list[tuple[Tool, int]]
    queued: CountByTool
    oldest: timedelta | None

    @property
    def oldest_text(self) -> str:
        return "" if self.oldest is None else age(self.oldest)


@dataclass(frozen=True)
class ReleaseFigures:
    """What people have to decide, and what is on its way to the workers."""

    to_review: int
    submitted: int
    rollouts: list[Deployment]


@dataclass(frozen=True)
class StorageFigures:
    """Bytes of bundles and of the database, and about how many jobs are stored."""

    bundles: int
    database: int
    jobs: int


@dataclass(frozen=True)
class Figures:
    """All figures; None where the viewer may not see them."""

    jobs: JobFigures | None
    fleet: FleetWorkers | None
    releases: ReleaseFigures | None
    storage: StorageFigures | None

    @property
    def are_none(self) -> bool:
        return not (self.jobs or self.fleet or self.releases)


def read_figures(user: Any) -> Figures:
    sees_jobs, sees_workers = user.has_perm("jobs.view_job"), user.has_perm("jobs.view_worker")
    return Figures(
        read_jobs() if sees_jobs else None,
        read_workers() if sees_workers else None,
        read_releases() if user.has_perm("releases.view_release") else None,
        read_storage() if sees_jobs and sees_workers else None,
    )


def read_jobs() -> JobFigures:
    hour, failed = load_history.last_hour(), count_failed()
    tools = Tool.objects.in_bulk(list(failed.tools)[:MAX_FAILING_TOOLS])
    return JobFigures(
        Chart(hour, JOBS),
        Chart(hour, TOKENS),
        failed,
        [(tools[tool], count) for tool, count in failed.tools.items() if tool in tools],
        count_queued(),
        oldest_queued(),
    )


def read_releases() -> ReleaseFigures:
    rolling = Deployment.objects.filter(ended_at=None, state=DeploymentState.ROLLING_OUT)
    return ReleaseFigures(
        Release.objects.filter(status=ReleaseStatus.IN_REVIEW).count(),
        Release.objects.filter(status__in=[ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING]).count(),
        list(rolling.select_related("plugin", "release__plugin").order_by("at")[:MAX_ROLLOUTS]),
    )


def read_storage() -> StorageFigures:
    bundles = Release.objects.aggregate(bytes=Sum("size"))["bytes"] or 0
    return StorageFigures(bundles, database_bytes(), estimate_jobs())
