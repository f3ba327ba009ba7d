"""Chooses the hosts of releases that are ended while nobody needs them, so that many releases take little memory."""

from collections.abc import Iterable

from worker.hosts.sandbox.supervisor import Supervisor

IDLE_SECONDS = 1800.0
"""How long a host runs on after its last run."""


def running(hosts: Iterable[Supervisor]) -> list[Supervisor]:
    """Return the hosts of deployed releases that run or start: all others always do."""
    return [one for one in hosts if one.config.deployed and one.awake.is_set()]


def surplus(hosts: Iterable[Supervisor], most: int, now: float) -> list[Supervisor]:
    """Return those to end: idle ones, the least recently used first, until `most` run, and those idle for long.

    None of these has a run, and each was ready, so that its tools are known.
    """
    found = running(hosts)
    idle = sorted((one for one in found if not one.runs and one.ready.is_set()), key=lambda one: one.used_at)
    return [one for number, one in enumerate(idle) if number < len(found) - most or now - one.used_at > IDLE_SECONDS]
