"""The checks of submitted releases on workers.

    submitted → checking → in review                  (reviewers read the report, also of examples that failed)
                         ↘ rejected by the store      (it cannot run at all)

A worker holds a check by a lease that each line of the log renews. When it runs out, another worker begins anew.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Now, Right

from gptstore.audit.record import record
from gptstore.jobs.release_doorbell import ring_on_commit
from gptstore.releases.check_report import CheckReport
from gptstore.releases.models import Check, Release, ReleaseStatus

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
MAX_LOG = 60_000
MAX_LINE = 2_000
LOST = f"Its check was given up: it took {MAX_ATTEMPTS} workers down, or they were stopped meanwhile."


@transaction.atomic
def claim(worker: str) -> Check | None:
    """Take the oldest release that waits for its check, or None. Two workers never get the same one."""
    ids = waiting().order_by("submitted_at").values_list("pk", flat=True)[:1]
    release = Release.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=[*ids]).first()
    if release is None or release.status not in (ReleaseStatus.SUBMITTED, ReleaseStatus.CHECKING):
        return None
    before = Check.objects.filter(release=release).first()
    if before and before.attempt >= MAX_ATTEMPTS:
        conclude(before, CheckReport(fault=LOST))
        return None
    release.status = ReleaseStatus.CHECKING
    release.save(update_fields=["status"])
    began = {"worker": worker, "lease_expires_at": Now() + LEASE, "started_at": Now(), "ended_at": None}
    attempt = before.attempt + 1 if before else 1
    check, _ = Check.objects.update_or_create(release=release, defaults={**began, "attempt": attempt, "log": ""})
    check.refresh_from_db()
    ring_on_commit()
    return check


def waiting() -> QuerySet[Release]:
    """Return the releases that no worker checks: new ones, and those whose worker was lost."""
    lost = Q(status=ReleaseStatus.CHECKING, worker_check__lease_expires_at__lt=Now())
    return Release.objects.filter(Q(status=ReleaseStatus.SUBMITTED) | lost)


def add_line(check: Check, line: str) -> bool:
    """Add a line to the log, and renew the lease. Return False when the check is no longer this worker's."""
    line = " ".join(line.split())[:MAX_LINE]
    text = Right(Concat(F("log"), Value(f"{line}\n")), MAX_LOG)
    return bool(mine(check).update(log=text, lease_expires_at=Now() + LEASE))


@transaction.atomic
def conclude(check: Check, report: CheckReport) -> bool:
    """Store the report. Return False, and store nothing, when the check is no longer this worker's."""
    if not mine(check).update(report=report.model_dump(mode="json"), ended_at=Now()):
        return False
    status = ReleaseStatus.REJECTED if report.fault else ReleaseStatus.IN_REVIEW
    Release.objects.filter(pk=check.release_id, status=ReleaseStatus.CHECKING).update(status=status)
    details = {"worker": report.worker, "fault": report.fault, "failed": len(report.failed)}
    record(None, "release.check", str(check.release), **details)
    return True


def mine(check: Check) -> QuerySet[Check]:
    """Return the row if this attempt still holds it (fencing)."""
    return Check.objects.filter(pk=check.pk, attempt=check.attempt, ended_at=None)
