"""Takes releases out of use: for good by their author or an admin (yank), or until somebody has looked (quarantine)."""

from django.db import transaction
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.jobs.lifecycle.move import move_queued
from gptstore.jobs.release_doorbell import ring_on_commit
from gptstore.releases.deploy import abandon, go_live, last_good, lock, roll_back, rolling_out, take_down
from gptstore.releases.models import Deployment, Release, Strategy
from gptstore.releases.notify import tell_quarantine
from gptstore.releases.stage import open_deployment


@transaction.atomic
def quarantine(release: Release, reason: str, by: User | None = None, *, details: str = "") -> bool:
    """Let nothing of this release run any more; the last good one takes over. Return whether it was not so before.

    by: None for the store itself, such as after crashes. details: for its author and admins, such as a traceback.
    """
    found = Release.objects.filter(pk=release.pk, quarantined_at=None)
    values = {"quarantine_reason": reason, "quarantine_details": details, "quarantined_by": by}
    if not found.update(quarantined_at=timezone.now(), **values):
        return False
    record(by, "release.quarantine", str(release), reason=reason)
    ring_on_commit()
    replace(release, by, reason)
    tell_quarantine(release, reason)
    return True


@transaction.atomic
def release_from_quarantine(release: Release, by: User, why: str = "") -> None:
    """Let the release be deployed again. It is not deployed by that."""
    nothing = {"quarantined_at": None, "quarantine_reason": "", "quarantine_details": "", "quarantined_by": None}
    Release.objects.filter(pk=release.pk).update(**nothing)
    record(by, "release.end_quarantine", str(release), why=why)


@transaction.atomic
def yank(release: Release, by: User, why: str = "") -> None:
    """Withdraw a release for good: it can't be deployed any more, and the last good one takes over."""
    Release.objects.filter(pk=release.pk, yanked_at=None).update(yanked_at=timezone.now())
    record(by, "release.yank", str(release), why=why)
    ring_on_commit()
    replace(release, by, why)


def replace(release: Release, by: User | None, why: str) -> None:
    """Let the last good release take over where this one is live or to be live. Its queued runs move there.

    The plugin is taken down without a good one. What another release's rollout does, goes on.
    """
    plugin = lock(release.plugin)
    open_one = open_deployment(plugin)
    if plugin.live_id != release.pk:
        if open_one and open_one.release_id == release.pk:
            abandon(open_one, why)
    elif open_one and rolling_out().filter(pk=open_one.pk).exists():
        step_aside(open_one, why)
    elif last_good(plugin):
        roll_back(plugin, by, why)
    else:
        take_down(plugin, by, why)
    move_queued(release.key, pinned_too=True)


def step_aside(successor: Deployment, why: str) -> None:
    """Take what is live out of use while its successor rolls out, which goes on; a canary only beside a live one."""
    plugin = lock(successor.plugin)
    good = last_good(plugin)
    if good is None and successor.strategy == Strategy.CANARY:
        abandon(successor, f"There is nothing good left to compare it with: {why}")
        take_down(plugin, None, why)
        return
    go_live(plugin, good)
    Deployment.objects.filter(pk=successor.pk).update(canary_since=None)  # it is compared with another one from now on
    record(None, "release.live" if good else "plugin.take_down", str(good or plugin), why=why)
