"""Says what the workers of a store made of a change of its releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError

NO_WORKER = "No worker is online; one takes the change when it starts."
SLOW = (
    "has not taken it after {seconds:.0f} s. A large environment takes longer to build: see its log. Or it watches "
    "another folder (GPTSTORE_RELEASES)."
)


def report_workers(result: Mapping[str, Any], plugin: str, done: str, seconds: float) -> None:
    """Say how many workers have the change, and after how many seconds. Raises CommandError for the others.

    done: what is then so, such as "ready". plugin: which of the catalogue's faults is one of this change.
    """
    problems = []
    if reason := result["broken"].get(plugin):
        problems.append(f"The catalogue left out {plugin}: {reason}")
    workers = result["workers"]
    for worker in workers:
        if worker["state"] == "refused":
            problems.append(f"The worker {worker['worker']} refuses it: {worker['reason']}")
        elif worker["state"] == "waiting":
            problems.append(f"The worker {worker['worker']} {SLOW.format(seconds=seconds)}")
    if number := sum(worker["state"] == "ready" for worker in workers):
        print_note(f"{done} on {number} {'worker' if number == 1 else 'workers'} after {seconds:.1f} s")
    elif not workers:
        print_note(NO_WORKER)
    if problems:
        raise CommandError("\n  ".join(problems))
