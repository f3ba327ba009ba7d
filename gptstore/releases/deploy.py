"""Which release of a plugin is to be live: deployments, and the moves of `Plugin.live`.

    deploy → rolling out → live → replaced            (by the next deployment)
                         ↘ rolled back                (the release before is deployed again)

Each change locks the plugin's row, so that two people can't change one plugin at the same time. Workers read what is
wanted by `gptstore.releases.wanted`.
"""

from django.db import transaction
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.audit.record import record
from gptstore.catalog.deployed import store_deployed, withdraw_deployed
from gptstore.jobs.release_doorbell import ring_on_commit
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Deployment, DeploymentState, Plugin, Release, Strategy


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
    """Have workers take this release. It goes live by `activate`, once they are ready. Raises ReleaseError."""
    release.refresh_from_db()
    if not release.is_deployable:
        raise ReleaseError(f"{release} cannot be deployed: it is not approved, or was yanked or quarantined.")
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
def activate(deployment: Deployment) -> bool:
    """Give new runs to the release of this deployment. Return False when it is no longer the open one."""
    plugin = lock(deployment.plugin)
    found = Deployment.objects.filter(pk=deployment.pk, ended_at=None, release__isnull=False)
    if not found.update(state=DeploymentState.LIVE):
        return False
    release = found.select_related("release").get().release
    assert release is not None
    go_live(plugin, release)
    record(None, "release.live", str(release))
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
        raise ReleaseError(f"There is no release of {plugin} to go back to.")
    end_open(plugin, DeploymentState.ROLLED_BACK, why)
    go_live(plugin, release)
    record(by, "release.roll_back", str(release), why=why)
    return Deployment.objects.create(
        plugin=plugin, release=release, by=by, why=why, state=DeploymentState.LIVE, strategy=Strategy.ALL
    )


def last_good(plugin: Plugin) -> Release | None:
    """Return the release that was live last, other than the one that is to be live now; None without one."""
    open_one = plugin.deployments.filter(ended_at=None).first()
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
    """Move the pointer, and the catalogue with it."""
    ring_on_commit()
    plugin.live = release
    plugin.save(update_fields=["live"])
    if release is None:
        withdraw_deployed(plugin.name)
    else:
        store_deployed(release.manifest, release.key)


def end_open(plugin: Plugin, state: DeploymentState, outcome: str = "") -> None:
    plugin.deployments.filter(ended_at=None).update(state=state, outcome=outcome, ended_at=timezone.now())


def lock(plugin: Plugin) -> Plugin:
    return Plugin.objects.select_for_update(of=("self",)).get(pk=plugin.pk)
