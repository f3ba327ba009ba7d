"""Whether the workers have taken a change of the releases: what they report of it, and the wait for that."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone

from gptstore.jobs.workers import WorkerInfo, fleet

SILENT_AFTER = timedelta(seconds=10)
"""A worker reports each two seconds. One that has not for so long is gone, or hangs."""

LOOK_SECONDS = 0.1
BLIND = "It watches no folder of releases. Set GPTSTORE_RELEASES for it, and restart it."

State = Literal["ready", "refused", "waiting"]


@dataclass(frozen=True)
class WorkerState:
    """What a worker reports of the change. reason: why it refuses the release."""

    worker: str
    state: State
    reason: str = ""


def wait_for(ready: Collection[str], gone: Collection[str], seconds: float) -> list[WorkerState]:
    """Wait until each worker runs the releases with the first keys and none of the others, or says why it does not.

    Return what they report by then; nothing when no worker is online.
    """
    ends_at = time.monotonic() + seconds
    while True:
        states = [state_of(worker, ready, gone) for worker in online()]
        if all(one.state != "waiting" for one in states) or time.monotonic() >= ends_at:
            return states
        time.sleep(LOOK_SECONDS)


def running(releases: Collection[str]) -> list[str]:
    """Return the workers that run one of the releases with these keys."""
    return [one.name for one in online() if any((one.releases or {}).get(key) == "" for key in releases)]


def online() -> list[WorkerInfo]:
    since = timezone.now() - SILENT_AFTER
    return [worker for worker in fleet() if worker.last_seen_at and worker.last_seen_at > since]


def state_of(worker: WorkerInfo, ready: Collection[str], gone: Collection[str]) -> WorkerState:
    if worker.releases is None:
        return WorkerState(worker.name, "refused", worker.refused.get("releases", BLIND))
    if any(key in worker.releases for key in gone) or any(key not in worker.releases for key in ready):
        return WorkerState(worker.name, "waiting")
    reason = next((worker.releases[key] for key in ready if worker.releases[key]), "")
    return WorkerState(worker.name, "refused" if reason else "ready", reason)
