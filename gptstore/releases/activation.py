"""Moves the deployments that roll out on: to live, or back. Any worker may do so as often as it likes."""

import structlog
from django.core.exceptions import ValidationError

from gptstore.catalog.errors import SlugTaken
from gptstore.jobs.release_states import WorkerState, online, state_of
from gptstore.jobs.workers import WorkerInfo
from gptstore.releases.canary import advance_canary
from gptstore.releases.crashes import quarantine_crashing, sweep_withdrawn
from gptstore.releases.deploy import abandon, activate, rolling_out
from gptstore.releases.models import Deployment, Release, Strategy
from gptstore.releases.notify import tell_outcome
from gptstore.releases.outcomes import NO_RELEASES, NO_WORKER, NOBODY_TAKES_IT, NOT_IN_CATALOGUE

log = structlog.get_logger(__name__)

MAX_REASONS = 5


def advance_rollouts() -> None:
    """Decide on everything that rolls out, and on releases that crash. Harmless when several workers do it at once.

    Each move is a compare-and-set under the plugin's lock. A deployment that fails here doesn't hold up the others.
    """
    deployments = list(rolling_out())
    workers = online() if deployments else []
    for deployment in deployments:
        try:
            advance(deployment, workers)
        except (SlugTaken, ValidationError) as error:
            give_up(deployment, NOT_IN_CATALOGUE % {"error": error})
    quarantine_crashing()
    sweep_withdrawn()


def advance(deployment: Deployment, workers: list[WorkerInfo]) -> None:
    """Move one deployment on. workers: those that are online."""
    assert deployment.release is not None
    if deployment.strategy == Strategy.CANARY:
        advance_canary(deployment, workers)
        return
    states = states_on(deployment.release, workers)
    if any(one.state == "ready" for one in states):
        if activate(deployment):
            log.info("release_live", release=str(deployment.release))
    elif states and all(one.state == "refused" for one in states):
        reason = refusals(states)
        if deployment.outcome == reason:
            give_up(deployment, reason)
        else:  # a worker tries again what it could not do at once: the next look decides
            note(deployment, reason)
    else:
        note(deployment, "" if states else NO_RELEASES if workers else NO_WORKER)


def states_on(release: Release, workers: list[WorkerInfo]) -> list[WorkerState]:
    """Return what these workers report of a release, without those that take no releases at all."""
    return [state_of(worker, [release.key], []) for worker in workers if worker.releases is not None]


def refusals(states: list[WorkerState]) -> str:
    """Return the workers' reasons, once each, with the names of the workers."""
    by_reason: dict[str, list[str]] = {}
    for one in states:
        by_reason.setdefault(one.reason, []).append(one.worker)
    lines = [f"{', '.join(sorted(workers)[:MAX_REASONS])}: {reason}" for reason, workers in by_reason.items()]
    return " ".join([NOBODY_TAKES_IT, *lines[:MAX_REASONS]])


def give_up(deployment: Deployment, reason: str) -> None:
    if abandon(deployment, reason):
        log.warning("rollout_failed", release=str(deployment.release), reason=reason)
        tell_outcome(deployment, reason)


def note(deployment: Deployment, outcome: str) -> None:
    """Store what a deployment waits for."""
    if deployment.outcome != outcome:
        rolling_out().filter(pk=deployment.pk).update(outcome=outcome)
