"""How well the workers shut plugins in, and which plugins they refuse."""

from collections.abc import Callable

from gptstore.health.finding import Finding, ok, warn
from gptstore.health.workers import START
from gptstore.jobs.workers import WorkerInfo, fleet

CLOSE = "See docs/security-model.md."
ADMIT = "Give the worker what is missing, or lower GPTSTORE_SANDBOX_LEVEL if you trust them."


def check_sandbox() -> Finding:
    workers = fleet()
    if not workers:
        return warn("sandbox", "Not known: no worker is alive.", START)
    if refused := said_by(workers, describe_refused):
        return warn("sandbox", refused, ADMIT)
    if missing := said_by(workers, describe_missing):
        return warn("sandbox", missing, CLOSE)
    return ok("sandbox", "Plugins are shut in on every worker.")


def said_by(workers: list[WorkerInfo], describe: Callable[[WorkerInfo], str]) -> str:
    """What is said of workers, once for all of whom it is the same."""
    names: dict[str, list[str]] = {}
    for worker in workers:
        if said := describe(worker):
            names.setdefault(said, []).append(worker.name)
    return " ".join(f"{', '.join(named)}: {said}." for said, named in names.items())


def describe_refused(worker: WorkerInfo) -> str:
    reasons = "; ".join(f"{plugin} is refused: {reason}" for plugin, reason in worker.refused.items())
    return reasons.rstrip(".")


def describe_missing(worker: WorkerInfo) -> str:
    missing = "; without ".join(worker.sandbox_missing)
    return missing and f"level {worker.sandbox}, without {missing}"
