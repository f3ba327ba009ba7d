"""Takes releases out of use: for good by their author or an admin (yank), or until somebody has looked (quarantine)."""

from django.db import transaction
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.jobs.release_doorbell import ring_on_commit
from gptstore.releases.deploy import last_good, lock, roll_back, take_down
from gptstore.releases.models import Release


@transaction.atomic
def quarantine(release: Release, reason: str, by: User | None = None) -> bool:
    """Let nothing of this release run any more; the last good one takes over. Return whether it was not so before.

    by: None for the store itself, such as after crashes.
    """
    found = Release.objects.filter(pk=release.pk, quarantined_at=None)
    if not found.update(quarantined_at=timezone.now(), quarantine_reason=reason, quarantined_by=by):
        return False
    record(by, "release.quarantine", str(release), reason=reason)
    ring_on_commit()
    replace(release, by, reason)
    return True


@transaction.atomic
def release_from_quarantine(release: Release, by: User, why: str = "") -> None:
    """Let the release be deployed again. It is not deployed by that."""
    Release.objects.filter(pk=release.pk).update(quarantined_at=None, quarantine_reason="", quarantined_by=None)
    record(by, "release.end_quarantine", str(release), why=why)


@transaction.atomic
def yank(release: Release, by: User, why: str = "") -> None:
    """Withdraw a release for good: it can't be deployed any more, and the last good one takes over."""
    Release.objects.filter(pk=release.pk, yanked_at=None).update(yanked_at=timezone.now())
    record(by, "release.yank", str(release), why=why)
    ring_on_commit()
    replace(release, by, why)


def replace(release: Release, by: User | None, why: str) -> None:
    """Deploy the last good release where this one is live or to be live; take the plugin down without one."""
    plugin = lock(release.plugin)
    is_wanted = plugin.deployments.filter(ended_at=None, release=release).exists()
    if not is_wanted and plugin.live_id != release.pk:
        return
    if last_good(plugin):
        roll_back(plugin, by, why)
    else:
        take_down(plugin, by, why)
