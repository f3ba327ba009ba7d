"""What the page of a plugin shows: the open deployment with each worker's readiness, the versions, and the history."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from gptstore.jobs.workers import WorkerInfo, fleet
from gptstore.releases.models import Deployment, Plugin, Release, Strategy
from gptstore.releases.stage import open_deployment

MAX_ROWS = 50
MAX_VERSIONS = 100


@dataclass(frozen=True)
class Readiness:
    """A worker, and whether it can take runs of a release. reason: why it can't."""

    worker: str
    state: Literal["ready", "refused", "waiting", "not asked"]
    reason: str = ""


def state_context(plugin: Plugin) -> dict[str, Any]:
    """Return what is live, what is open, and a mark that changes with them."""
    opened = open_deployment(plugin)
    workers = [readiness_of(worker, opened) for worker in fleet()] if opened and opened.release else []
    facts = (plugin.live_id, opened and (opened.pk, opened.state, opened.outcome, opened.share), workers)
    return {
        "plugin": plugin,
        "opened": opened,
        "workers": workers,
        "mark": sha256(repr(facts).encode()).hexdigest()[:16],
    }


def readiness_of(worker: WorkerInfo, deployment: Deployment) -> Readiness:
    assert deployment.release
    if deployment.strategy == Strategy.CANARY and worker.name != deployment.canary_worker and not is_live(deployment):
        return Readiness(worker.name, "not asked")
    reported = worker.releases or {}
    if deployment.release.key not in reported:
        return Readiness(worker.name, "waiting")
    reason = reported[deployment.release.key]
    return Readiness(worker.name, "refused" if reason else "ready", reason)


def is_live(deployment: Deployment) -> bool:
    return deployment.plugin.live_id == deployment.release_id


def history_context(plugin: Plugin, before: str) -> dict[str, Any]:
    """Return the versions, and a page of the history. before: the id of a deployment, whose predecessors are shown."""
    rows = plugin.deployments.select_related("release__plugin", "by")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    shown = [*rows[: MAX_ROWS + 1]]
    versions = Release.objects.filter(plugin=plugin).defer("manifest", "lock", "sbom").select_related("submitted_by")
    return {
        "history": shown[:MAX_ROWS],
        "older": shown[MAX_ROWS - 1].pk if len(shown) > MAX_ROWS else None,
        "versions": versions.order_by("-id")[:MAX_VERSIONS],
    }
