"""Where a release stands on its way, in words for its author and for admins: for many releases in few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gptstore.jobs.release_states import WorkerState, online, state_of
from gptstore.releases.models import (
    Check,
    Decision,
    Deployment,
    DeploymentState,
    Plugin,
    Release,
    ReleaseStatus,
    Strategy,
)
from gptstore.releases.outcomes import in_words


class StageName(StrEnum):
    SUBMITTED = "submitted"
    CHECKING = "checking"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    APPROVED = "approved"
    INSTALLING = "installing"
    CANARY = "canary"
    LIVE = "live"
    ROLLED_BACK = "rolled_back"
    REPLACED = "replaced"
    QUARANTINED = "quarantined"
    YANKED = "yanked"


@dataclass(frozen=True)
class Stage:
    """Where a release stands. text: one line; reason: why, as reviewers, workers or the store gave it, or "".

    workers: what the workers that take releases report of it, while it is live or to be live.
    """

    name: StageName
    text: str
    reason: str = ""
    workers: tuple[WorkerState, ...] = ()


def stage_of(release: Release) -> Stage:
    return stages_of([release])[release.pk]


def stages_of(releases: Iterable[Release]) -> dict[int, Stage]:
    """Return the stages of these releases by their ids, with five queries for all of them."""
    found = list(releases)
    live = dict(Plugin.objects.filter(releases__in=found, live__in=found).values_list("live_id", "live_id"))
    last: dict[int | None, Deployment] = {}
    for deployment in Deployment.objects.filter(release__in=found).order_by("id"):
        last[deployment.release_id] = deployment
    rejections = Decision.objects.filter(release__in=found, approves=False).order_by("at")
    faults = Check.objects.filter(release__in=found, release__status=ReleaseStatus.REJECTED)
    notes = dict(faults.values_list("release_id", "report__fault")) | dict(rejections.values_list("release_id", "note"))
    workers = [worker for worker in online() if worker.releases is not None]
    stages = {}
    for release in found:
        reported = tuple(state_of(worker, [release.key], []) for worker in workers)
        stages[release.pk] = find_stage(release, last.get(release.pk), notes, reported, is_live=release.pk in live)
    return stages


def find_stage(
    release: Release,
    last: Deployment | None,
    notes: Mapping[int, str],
    workers: tuple[WorkerState, ...],
    *,
    is_live: bool,
) -> Stage:
    """Return the stage of one release. last: its last deployment."""
    if release.yanked_at:
        return Stage(StageName.YANKED, _("Withdrawn for good"))
    if release.quarantined_at:
        return Stage(StageName.QUARANTINED, _("In quarantine"), release.quarantine_reason)
    match release.status:
        case ReleaseStatus.SUBMITTED:
            return Stage(StageName.SUBMITTED, _("Submitted"))
        case ReleaseStatus.CHECKING:
            return Stage(StageName.CHECKING, _("Being checked"))
        case ReleaseStatus.IN_REVIEW:
            return Stage(StageName.IN_REVIEW, _("In review"))
        case ReleaseStatus.REJECTED:
            return Stage(StageName.REJECTED, _("Rejected"), notes.get(release.pk, ""))
    if is_live:
        return Stage(StageName.LIVE, live_text(workers), "", workers)
    if last is None:
        return Stage(StageName.APPROVED, _("Approved, not deployed"))
    return stage_of_deployed(last, workers)


def stage_of_deployed(last: Deployment, workers: tuple[WorkerState, ...]) -> Stage:
    """Return the stage of an approved release that is not live, by its last deployment."""
    match last.state:
        case DeploymentState.ROLLING_OUT if last.canary_since:
            text = _("Tried on %(worker)s with %(share)s %% of the runs")
            values = {"worker": last.canary_worker, "share": last.share}
            return Stage(StageName.CANARY, text % values, in_words(last.outcome), workers)
        case DeploymentState.ROLLING_OUT:
            if last.strategy == Strategy.CANARY:
                workers = tuple(worker for worker in workers if worker.worker == last.canary_worker)
            return Stage(StageName.INSTALLING, installing_text(workers), in_words(last.outcome), workers)
        case DeploymentState.ROLLED_BACK:
            return Stage(StageName.ROLLED_BACK, _("Rolled back"), in_words(last.outcome))
    return Stage(StageName.REPLACED, _("Replaced by another release, or taken down"))


def live_text(workers: tuple[WorkerState, ...]) -> str:
    ready, count = sum(worker.state == "ready" for worker in workers), len(workers)
    text = ngettext("Live on %(ready)s of %(all)s worker", "Live on %(ready)s of %(all)s workers", count)
    return text % {"ready": ready, "all": count}


def installing_text(workers: tuple[WorkerState, ...]) -> str:
    """Return how many workers have not reported yet, or that none is there."""
    if not workers:
        return _("Waits for a worker")
    waiting, count = sum(worker.state == "waiting" for worker in workers), len(workers)
    text = ngettext(
        "Installing on %(waiting)s of %(all)s worker", "Installing on %(waiting)s of %(all)s workers", count
    )
    return text % {"waiting": waiting, "all": count}


def open_deployment(plugin: Plugin) -> Deployment | None:
    """Return the deployment of this plugin that is open, with its release."""
    return plugin.deployments.filter(ended_at=None).select_related("release__plugin", "by").first()
