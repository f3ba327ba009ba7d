"""What the workers are to run, as the database says."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, OuterRef, Q, Subquery

from gptstore.jobs.models import Job, Status
from gptstore.releases.models import Deployment, DeploymentState, Release, Strategy

UNFINISHED = (Status.QUEUED, Status.RUNNING)


class Role(StrEnum):
    """Why a worker has a release. A worker without room for all keeps them in this order."""

    LIVE = "live"
    ROLLING_OUT = "rolling out"
    DRAINING = "draining"
    STANDBY = "standby"


@dataclass(frozen=True)
class Wanted:
    """A release that a worker is to have. STANDBY: built, so that a rollback is quick, without a process."""

    release: Release
    role: Role


def wanted_by(worker: str) -> list[Wanted]:
    """Return what this worker is to have: what is live, rolled out to it, has unfinished runs, or was live before."""
    open_ones = Deployment.objects.filter(ended_at=None, release__isnull=False)
    here = open_ones.exclude(~Q(canary_worker=worker), strategy=Strategy.CANARY)
    unfinished = Job.objects.filter(status__in=UNFINISHED).exclude(release="").values("release").distinct()
    before = Deployment.objects.filter(plugin=OuterRef("plugin"), state=DeploymentState.REPLACED)
    standby = before.exclude(release=OuterRef("plugin__live")).exclude(release=None).values("release")[:1]
    conditions = {
        Role.LIVE: Q(plugin__live=F("pk")),
        Role.ROLLING_OUT: Q(pk__in=here.values("release")),
        Role.DRAINING: Q(key__in=[*unfinished.values_list("release", flat=True)]),
        Role.STANDBY: Q(plugin__live__isnull=False, pk=Subquery(standby)),
    }
    wanted: dict[int, Wanted] = {}
    for role, condition in conditions.items():
        for release in Release.objects.deployable().filter(condition).select_related("plugin").order_by("id"):
            wanted.setdefault(release.pk, Wanted(release, role))
    return [*wanted.values()]
