"""What reviewers decide about a release."""

from django.db import transaction
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Decision, Release, ReleaseStatus
from gptstore.releases.rights import needs_two
from gptstore.releases.signatures import sign

OPEN = (ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING, ReleaseStatus.IN_REVIEW)


@transaction.atomic
def take_into_review(release: Release, by: User | None) -> Release:
    """Let people decide about a submitted release. by: None for the store itself. Raises ReleaseError."""
    release = lock(release, ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING)
    release.status = ReleaseStatus.IN_REVIEW
    release.save(update_fields=["status"])
    record(by, "release.take_into_review", str(release))
    return release


@transaction.atomic
def approve(release: Release, by: User, note: str = "") -> Release:
    """Approve a release; the store signs it when enough people have. Raises ReleaseError.

    Nobody approves what they submitted, but a superuser may, who may run the store alone: the audit log says so.
    """
    release = lock(release, ReleaseStatus.IN_REVIEW)
    is_own = release.submitted_by_id == by.pk
    if is_own and not by.is_superuser:
        raise ReleaseError(_("You submitted it. Somebody else has to approve it."))
    decide(release, by, approves=True, note=note)
    record(by, "release.approve", str(release), note=note, **({"submitted": "by the same person"} if is_own else {}))
    if release.decisions.filter(approves=True).count() >= approvals_needed(release):
        release.status = ReleaseStatus.APPROVED
        release.signature = sign(release)
        release.save(update_fields=["status", "signature"])
        record(None, "release.sign", str(release), key=release.signature["key"], sha256=release.sha256)
    return release


@transaction.atomic
def reject(release: Release, by: User, note: str) -> Release:
    """Reject a release, with a note for its author. One reviewer is enough. Raises ReleaseError."""
    if not note.strip():
        raise ReleaseError(_("Say in the note why it is rejected: its author reads it."))
    release = lock(release, *OPEN)
    decide(release, by, approves=False, note=note)
    release.status = ReleaseStatus.REJECTED
    release.save(update_fields=["status"])
    record(by, "release.reject", str(release), note=note)
    return release


def approvals_needed(release: Release) -> int:
    return 2 if needs_two(release.rights) else 1


def decide(release: Release, by: User, *, approves: bool, note: str) -> None:
    if approves and release.decisions.filter(by=by, approves=True).exists():
        raise ReleaseError(_("You have approved it. It needs a second person, too."))
    Decision.objects.update_or_create(release=release, by=by, defaults={"approves": approves, "note": note})


def lock(release: Release, *statuses: ReleaseStatus) -> Release:
    """Lock the release until the transaction ends, if it has one of these statuses. Raises ReleaseError."""
    found = Release.objects.select_for_update(of=("self",)).select_related("plugin").get(pk=release.pk)
    if found.status not in statuses:
        shown = {"release": found, "status": found.get_status_display()}
        raise ReleaseError(_("%(release)s is in another state: %(status)s. Load the page again.") % shown)
    return found
