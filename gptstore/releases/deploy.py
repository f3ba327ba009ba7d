"""Which release of a plugin is to be live: deployments, and the moves of `Plugin.live`.

    deploy → rolling out → live → replaced       (by the next deployment)
                    ↘        ↘
                      rolled back                (what is live stays, or what was live before is live again)

Each change locks the plugin's row, so that two people can't change one plugin at the same time. Workers read what is
wanted by `gptstore.releases.wanted`, and move deployments on by `gptstore.releases.activation`.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.catalog.deployed import share_runs, store_deployed, withdraw_deployed
from gptstore.jobs.lifecycle.move import move_queued
from gptstore.jobs.release_doorbell import ring_on_commit
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Deployment, DeploymentState, Plugin, Release, Strategy
from gptstore.releases.outcomes import OVERTAKEN
from gptstore.releases.stage import open_deployment


@transaction.atomic
def deploy(
    release: Release,
    by: User | None,
    why: str = "",
    *,
    strategy: Strategy = Strategy.ALL,
    share: int = 100,
    canary_worker: str = "",
) -> Deployment:
    """Have workers take this release. It goes live by `activate`, once they are ready. Raises ReleaseError.

    A canary is begun by `gptstore.releases.canary.start_canary`, which chooses its worker.
    """
    release.refresh_from_db()
    if not release.is_deployable:
        text = _("%(release)s cannot be deployed: it is not approved, or was yanked or quarantined.")
        raise ReleaseError(text % {"release": release})
    plugin = lock(release.plugin)
    end_open(plugin, DeploymentState.REPLACED)
    deployment = Deployment.objects.create(
        plugin=plugin,
        release=release,
        strategy=strategy,
        share=share,
        canary_worker=canary_worker,
        by=by,
        why=why,
        state=DeploymentState.LIVE if plugin.live_id == release.pk else DeploymentState.ROLLING_OUT,
    )
    record(by, "release.deploy", str(release), why=why, strategy=strategy, share=share)
    ring_on_commit()
    return deployment


@transaction.atomic
def activate(deployment: Deployment, outcome: str = "") -> bool:
    """Give new runs to the release of this deployment. Return False when it is no longer rolling out.

    outcome: what its canary showed, if it had one.
    """
    plugin = lock(deployment.plugin)
    found = rolling_out().filter(pk=deployment.pk).first()
    if found is None or found.release is None:
        return False
    widened = {"strategy": Strategy.ALL, "share": 100, "outcome": outcome}
    Deployment.objects.filter(pk=found.pk).update(state=DeploymentState.LIVE, **widened)
    go_live(plugin, found.release)
    record(None, "release.live", str(found.release))
    return True


@transaction.atomic
def abandon(deployment: Deployment, outcome: str) -> bool:
    """Roll back a deployment that has not gone live; what is live stays. Return False when it is no longer rolling out.

    outcome: the reason, for its author and admins.
    """
    plugin = lock(deployment.plugin)
    found = rolling_out().filter(pk=deployment.pk).first()
    if found is None:
        return False
    end_open(plugin, DeploymentState.ROLLED_BACK, outcome)
    record(None, "release.abandon", str(found.release), reason=outcome)
    if plugin.live:
        Deployment.objects.create(plugin=plugin, release=plugin.live, why=outcome, state=DeploymentState.LIVE)
    return True


@transaction.atomic
def take_down(plugin: Plugin, by: User | None, why: str = "") -> Deployment:
    """Take the plugin's tools out of the catalogue. Its runs end."""
    plugin = lock(plugin)
    end_open(plugin, DeploymentState.REPLACED)
    go_live(plugin, None)
    record(by, "plugin.take_down", str(plugin), why=why)
    return Deployment.objects.create(plugin=plugin, release=None, by=by, why=why, state=DeploymentState.LIVE)


@transaction.atomic
def roll_back(plugin: Plugin, by: User | None, why: str = "") -> Deployment:
    """Go back to the release before, at once: new runs get it from now on. Raises ReleaseError if there is none."""
    plugin = lock(plugin)
    release = last_good(plugin)
    if release is None:
        raise ReleaseError(_("There is no release of %(plugin)s to go back to.") % {"plugin": plugin})
    end_open(plugin, DeploymentState.ROLLED_BACK, why)
    go_live(plugin, release)
    record(by, "release.roll_back", str(release), why=why)
    return Deployment.objects.create(
        plugin=plugin, release=release, by=by, why=why, state=DeploymentState.LIVE, strategy=Strategy.ALL
    )


def last_good(plugin: Plugin) -> Release | None:
    """Return the release that was live last, other than the one that is to be live now; None without one."""
    open_one = open_deployment(plugin)
    if open_one and open_one.release_id != plugin.live_id and plugin.live and plugin.live.is_deployable:
        return plugin.live  # what is rolled out has not gone live yet
    went_live = plugin.deployments.filter(state=DeploymentState.REPLACED, release__isnull=False)
    good = Release.objects.deployable().filter(pk__in=went_live.values("release"))
    current = open_one.release_id if open_one else None
    for deployment in went_live.exclude(release=current).select_related("release"):
        if deployment.release in good:
            return deployment.release
    return None


def go_live(plugin: Plugin, release: Release | None) -> None:
    """Move the pointer, and the catalogue with it. Without a release the tools leave the catalogue."""
    ring_on_commit()
    plugin.live = release
    plugin.save(update_fields=["live"])
    if release is None:
        withdraw_deployed(plugin.name)
    else:
        store_deployed(release.manifest, release.key)


def end_open(plugin: Plugin, state: DeploymentState, outcome: str = "") -> None:
    """End the open deployment. One that has not gone live is rolled back in any case: nobody goes back to it."""
    open_one = open_deployment(plugin)
    if open_one is None:
        return
    if open_one.state == DeploymentState.ROLLING_OUT:
        state, outcome = DeploymentState.ROLLED_BACK, outcome or OVERTAKEN
    outcome = outcome or open_one.outcome
    Deployment.objects.filter(pk=open_one.pk).update(state=state, outcome=outcome, ended_at=timezone.now())
    if open_one.canary_since and open_one.release and state == DeploymentState.ROLLED_BACK:
        share_runs(open_one.release.manifest, open_one.release.key, 0)
        move_queued(open_one.release.key)


def rolling_out() -> QuerySet[Deployment]:
    """Return the deployments that wait for workers, or for the end of a canary."""
    waiting = Deployment.objects.filter(ended_at=None, state=DeploymentState.ROLLING_OUT, release__isnull=False)
    return waiting.select_related("plugin__live", "release__plugin", "by").order_by("id")


def lock(plugin: Plugin) -> Plugin:
    return Plugin.objects.select_for_update(of=("self",)).get(pk=plugin.pk)
