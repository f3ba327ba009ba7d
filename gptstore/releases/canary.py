"""Canaries: a release that gets a share of new runs on one worker, until it is judged against the live one.

    start_canary → installing → shared → live on all workers
                        ↘           ↘
                          rolled back, with the reason

While it is shared, the tools of the live release name it (`Tool.canary`), so that a submit needs to know nothing of
releases; and the tools' examples run on it as runs of whoever deployed it.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.catalog.deployed import as_released, share_runs
from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.release_states import online, state_of
from gptstore.jobs.workers import WorkerInfo, alive
from gptstore.releases import outcomes
from gptstore.releases.comparison import Verdict, compare, of_examples
from gptstore.releases.deploy import abandon, activate, deploy, lock, rolling_out
from gptstore.releases.errors import ReleaseError
from gptstore.releases.models import Deployment, Release, Strategy
from gptstore.releases.notify import tell_outcome
from gptstore.sdk.texts import base_text

log = structlog.get_logger(__name__)

MAX_SHARE = 50
"""Percent. What is compared with the live release must leave that one enough runs."""

MAX_INSTALL = timedelta(minutes=30)
MAX_EXAMPLES = 10


@transaction.atomic
def start_canary(release: Release, by: User, why: str = "", *, share: int = 10, worker: str = "") -> Deployment:
    """Have one worker take this release, for a share of new runs, in percent. Raises ReleaseError.

    worker: the name of one that is online; "" for the one that runs the fewest jobs at a time: a fault costs least
    there.
    """
    live = lock(release.plugin).live
    if live is None or live.pk == release.pk:
        raise ReleaseError(_("A canary is compared with another live release. Deploy this one to all workers."))
    if not 1 <= share <= MAX_SHARE:
        raise ReleaseError(_("A canary gets 1 to %(most)s percent of the runs.") % {"most": MAX_SHARE})
    if not comparable(live, release):
        text = _("It has no tool of the live release with the same settings. Deploy it to all workers.")
        raise ReleaseError(text)
    return deploy(release, by, why, strategy=Strategy.CANARY, share=share, canary_worker=choose_worker(worker))


def choose_worker(name: str) -> str:
    """Return the worker of a canary. Raises ReleaseError when there is none."""
    workers = [worker for worker in online() if worker.releases is not None]
    if not workers:
        raise ReleaseError(_("No worker is online that takes releases. Start one first."))
    if name and name not in {worker.name for worker in workers}:
        text = _("The worker %(name)s is not online, or takes no releases. Choose another one.")
        raise ReleaseError(text % {"name": name})
    return name or min(workers, key=lambda worker: (worker.slots, worker.name)).name


def comparable(live: Release, release: Release) -> list[str]:
    """Return the slugs of the tools that both have, with the same settings."""
    settings_of = {tool["slug"]: tool.get("settings_schema") for tool in live.manifest["tools"]}
    return [
        tool["slug"]
        for tool in release.manifest["tools"]
        if tool["slug"] in settings_of and tool.get("settings_schema") == settings_of[tool["slug"]]
    ]


def advance_canary(deployment: Deployment, workers: list[WorkerInfo]) -> None:
    """Move a canary on. workers: those that are online."""
    verdict = judge(deployment, workers)
    if verdict.passes and activate(deployment, verdict.reason):
        log.info("canary_passed", release=str(deployment.release), figures=verdict.reason)
        tell_outcome(deployment, f"Its canary passed, and it is live. {verdict.reason}")
    elif verdict.passes is False and abandon(deployment, verdict.reason):
        log.warning("canary_failed", release=str(deployment.release), reason=verdict.reason)
        tell_outcome(deployment, f"Its canary failed. {verdict.reason}")
    elif verdict.passes is None and verdict.reason != deployment.outcome:
        rolling_out().filter(pk=deployment.pk).update(outcome=verdict.reason)


def judge(deployment: Deployment, workers: list[WorkerInfo]) -> Verdict:
    """Return whether the canary passes, or None with what it waits for."""
    release, name, now = deployment.release, deployment.canary_worker, timezone.now()
    assert release is not None
    if not alive().filter(name=name).exists():
        return Verdict(False, outcomes.WORKER_GONE % {"worker": name})
    state = next((state_of(worker, [release.key], []) for worker in workers if worker.name == name), None)
    if state is not None and state.state == "refused":
        return Verdict(False, outcomes.REFUSED % {"worker": name, "reason": state.reason})
    if deployment.canary_since is None:
        if state is not None and state.state == "ready":
            if problem := share(deployment):
                return Verdict(False, problem)
        elif now - deployment.at > MAX_INSTALL:
            late = {"worker": name, "minutes": MAX_INSTALL.seconds // 60}
            return Verdict(False, outcomes.NOT_INSTALLED % late)
        return Verdict(None, outcomes.INSTALLING % {"worker": name})
    examples = of_examples(deployment)
    if examples.passes is False:
        return examples
    return compare(deployment, now, examples)


@transaction.atomic
def share(deployment: Deployment) -> str:
    """Give the canary its share of new runs from now on, and queue the examples of its tools.

    Return why an example can't be run, or "".
    """
    assert deployment.release is not None
    lock(deployment.plugin)
    its = rolling_out().filter(pk=deployment.pk, canary_since=None)
    if not its.update(canary_since=timezone.now()):
        return ""
    slugs = share_runs(deployment.release.manifest, deployment.release.key, deployment.share)
    return run_examples(deployment, deployment.release, slugs)


def run_examples(deployment: Deployment, release: Release, slugs: list[str]) -> str:
    """Queue the examples of these tools on the canary, each once. Return why one can't be run, or ""."""
    owner = deployment.by
    if owner is None:
        return ""
    tools = {tool.slug: tool for tool in Tool.objects.filter(slug__in=slugs)}
    found = [(tool, example) for tool in release.manifest["tools"] for example in tool.get("examples", ())]
    for number, (described, example) in enumerate(found[:MAX_EXAMPLES]):
        if described["slug"] not in tools:
            continue
        tool = as_released(tools[described["slug"]], described, release.version, release.key)
        try:
            submit_once(owner, tool, example["input"], example_key(deployment, number), batch=True, pinned=True)
        except ToolUnavailable:
            continue  # such as one that an admin has switched off
        except InvalidInput:
            return outcomes.EXAMPLE_UNFIT % {"title": base_text(example["title"]), "tool": tool.slug}
    return ""


def example_key(deployment: Deployment, number: int) -> str:
    return f"canary {deployment.pk} example {number}"
