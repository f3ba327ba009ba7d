"""What the workers are to run, as the database says."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from gptstore.jobs.models import OF_RELEASE, Job
from gptstore.releases.models import DEPLOYABLE, Deployment, DeploymentState, Release, ReleaseStatus, Strategy


class Role(StrEnum):
    """Why a worker has a release. A worker without room for all keeps them in this order.

    CHECKING: it checks the release, which nobody has approved yet.
    """

    LIVE = "live"
    ROLLING_OUT = "rolling out"
    DRAINING = "draining"
    STANDBY = "standby"
    CHECKING = "checking"


@dataclass(frozen=True)
class Wanted:
    """A release that a worker is to have. STANDBY: built, so that a rollback is quick, without a process."""

    release: Release
    role: Role


def wanted_by(worker: str) -> list[Wanted]:
    """Return what this worker is to have: what is live, rolled out to it, has unfinished runs, or was live before.

    Beside that, what it checks.
    It is one query that workers make every second or two, so the releases come without their long texts.
    """
    open_ones = Deployment.objects.filter(ended_at=None, release__isnull=False)
    here = open_ones.exclude(~Q(canary_worker=worker), strategy=Strategy.CANARY)
    before = Deployment.objects.filter(plugin=OuterRef("plugin"), state=DeploymentState.REPLACED)
    standby = before.exclude(release=OuterRef("plugin__live")).exclude(release=None).values("release")[:1]
    conditions = {
        Role.LIVE: Q(plugin__live=F("pk")),
        Role.ROLLING_OUT: Q(pk__in=here.values("release")),
        Role.DRAINING: Q(Exists(Job.objects.filter(OF_RELEASE, release=OuterRef("key")))),
        Role.STANDBY: Q(plugin__live__isnull=False, pk=Subquery(standby)),
    }
    checking = Q(status=ReleaseStatus.CHECKING, worker_check__worker=worker, worker_check__ended_at=None)
    cases = [When(DEPLOYABLE & condition, then=Value(role)) for role, condition in conditions.items()]
    role = Case(*cases, When(checking, then=Value(Role.CHECKING)), default=Value(""))
    found = Release.objects.annotate(role=role).exclude(role="").select_related("plugin").order_by("id")
    wanted = [Wanted(release, Role(release.role)) for release in found.defer("manifest", "lock", "sbom")]
    return sorted(wanted, key=lambda one: [*Role].index(one.role))
