"""The figures of the dashboard, each read only for those who may see the rows behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from gptstore.catalog.models import Tool
from gptstore.jobs.database_size import database_size
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
    sees_releases, sees_storage = user.has_perm("releases.view_release"), sees_jobs and sees_workers
    queued = count_queued() if sees_jobs or sees_workers else None
    releases = count_releases() if sees_releases or sees_storage else None
    return Figures(
        read_jobs(queued) if queued and sees_jobs else None,
        read_workers(queued) if queued and sees_workers else None,
        read_releases(releases) if releases and sees_releases else None,
        read_storage(releases) if releases and sees_storage else None,
    )


def count_releases() -> dict[str, int]:
    """Return the number of releases in review, of submitted ones, and the bytes of all bundles."""
    submitted = Q(status__in=[ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING])
    return Release.objects.aggregate(
        in_review=Count("pk", filter=Q(status=ReleaseStatus.IN_REVIEW)),
        submitted=Count("pk", filter=submitted),
        bytes=Coalesce(Sum("size"), 0),
    )


def read_jobs(queued: CountByTool) -> JobFigures:
    hour, failed = load_history.last_hour(), count_failed()
    tools = Tool.objects.in_bulk(list(failed.tools)[:MAX_FAILING_TOOLS])
    return JobFigures(
        Chart(hour, JOBS),
        Chart(hour, TOKENS),
        failed,
        [(tools[tool], count) for tool, count in failed.tools.items() if tool in tools],
        queued,
        oldest_queued(),
    )


def read_releases(counted: dict[str, int]) -> ReleaseFigures:
    rolling = Deployment.objects.filter(ended_at=None, state=DeploymentState.ROLLING_OUT)
    rolling = rolling.select_related("plugin", "release__plugin").order_by("at")
    return ReleaseFigures(counted["in_review"], counted["submitted"], list(rolling[:MAX_ROLLOUTS]))


def read_storage(counted: dict[str, int]) -> StorageFigures:
    return StorageFigures(counted["bytes"], *database_size())
