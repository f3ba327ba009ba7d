"""How far a release has come, in one word for people and programs, and why it stands there."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from gptstore.releases.models import Deployment, DeploymentState, Release, ReleaseStatus


class Stage(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    CHECKING = "checking", _("Being checked")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    ROLLING_OUT = "rolling_out", _("Rolling out")
    LIVE = "live", _("Live")
    YANKED = "yanked", _("Yanked")
    QUARANTINED = "quarantined", _("In quarantine")


WAITING = (ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING, ReleaseStatus.IN_REVIEW)
"""The statuses in which nobody has decided yet."""


@dataclass(frozen=True)
class Standing:
    """The stage of a release. reason: what somebody wrote about it, or ""."""

    stage: Stage
    reason: str = ""


def standing_of(release: Release) -> Standing:
    """Return where a release stands. What takes it out of use comes first, then whether it is live."""
    if release.quarantined_at:
        return Standing(Stage.QUARANTINED, release.quarantine_reason)
    if release.yanked_at:
        return Standing(Stage.YANKED)
    if release.status == ReleaseStatus.REJECTED:
        decision = release.decisions.filter(approves=False).last()
        return Standing(Stage.REJECTED, decision.note if decision else "")
    if release.plugin.live_id == release.pk:
        return Standing(Stage.LIVE)
    wanted = Deployment.objects.filter(release=release, ended_at=None, state=DeploymentState.ROLLING_OUT).first()
    if wanted:
        return Standing(Stage.ROLLING_OUT, wanted.outcome)
    return Standing(Stage(release.status))
