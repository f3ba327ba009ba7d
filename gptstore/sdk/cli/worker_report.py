"""Says what the workers of a store made of a change of its releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptstore.sdk.cli.console import print_note

CATALOGUE = ""
"""Stands among the names of workers for the catalogue."""

NO_WORKER = "No worker is online; one takes the change when it starts."
SLOW = (
    "has not taken it after {seconds:.0f} s. A large environment takes longer to build: see its log. Or it watches "
    "another folder (GPTSTORE_RELEASES)."
)


def count_ready(result: Mapping[str, Any], done: str, seconds: float) -> None:
    """Say how many workers have the change, and after how many seconds. done: what is then so, such as "ready"."""
    if number := sum(worker["state"] == "ready" for worker in result["workers"]):
        print_note(f"{done} on {number} {'worker' if number == 1 else 'workers'} after {seconds:.1f} s")
    elif not result["workers"]:
        print_note(NO_WORKER)


def problems_of(result: Mapping[str, Any], plugin: str, seconds: float) -> dict[str, str]:
    """Return why the others have it not, by worker, and why the catalogue left the plugin out."""
    problems = {}
    if reason := result["broken"].get(plugin):
        problems[CATALOGUE] = f"The catalogue left out {plugin}: {reason}"
    for worker in result["workers"]:
        name = worker["worker"]
        if worker["state"] == "refused":
            problems[name] = f"The worker {name} refuses it: {worker['reason']}"
        elif worker["state"] == "waiting":
            problems[name] = f"The worker {name} {SLOW.format(seconds=seconds)}"
    return problems
