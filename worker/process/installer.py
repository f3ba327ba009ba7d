"""Brings the releases that the database wants to this worker's disk, beside what runs there already."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread

from gptstore.env import Environment
from gptstore.releases.wanted import Role, Wanted
from worker.hosts.releases.environment_cleanup import delete_unfinished, delete_unused
from worker.hosts.sandbox.hosts import Hosts
from worker.hosts.sandbox.plugin_config import PluginConfig, Slot
from worker.hosts.sandbox.processes import FOR_PROBES
from worker.process.deployed_release import DeployedRelease
from worker.process.memory import available_bytes

MAX_AT_ONCE = max(2, (os.cpu_count() or 1) // 2)
"""How many are verified or built at a time, mostly outside of the interpreter's lock; the model has the other half."""

MAX_WARM, WARM_SECONDS = 8, 600.0
"""How many hosts of releases that were live before are kept, and for how long after their last run."""

MIN_AVAILABLE = 1 << 30
"""The bytes of memory that have to be available for that."""

CROWDED = f"A worker as root has users for {FOR_PROBES} plugins, each of its own. Start another worker for the rest."


class Installer:
    """The wanted releases, by their keys, in the order of their roles. on_change: is called when one is installed."""

    def __init__(self, env: Environment, on_change: Callable[[], None]) -> None:
        self.env = env
        self.on_change = on_change
        self.releases: dict[str, DeployedRelease] = {}
        self.crowded: set[str] = set()

    def update(self, wanted: Iterable[Wanted]) -> None:
        """Take what is wanted now, and forget the rest."""
        found: dict[str, DeployedRelease] = {}
        for one in wanted:
            kept = self.releases.get(one.release.key)
            if kept and Role.CHECKING in (kept.role, one.role) and kept.role is not one.role:
                kept = None  # what was checked has to be trusted now, and may have the network
            found[one.release.key] = kept or DeployedRelease(one.release, one.role, self.env)
            found[one.release.key].release = one.release
            found[one.release.key].take_role(one.role)
        self.releases = found
        for deployed in found.values():
            deployed.check_trust()

    def start_due(self) -> None:
        """Start to install what is due, a few at a time: what is live comes first."""
        busy = sum(one.is_busy for one in self.releases.values())
        for one in [one for one in self.releases.values() if one.is_due][: max(0, MAX_AT_ONCE - busy)]:
            one.is_busy = True
            Thread(target=self.install, args=[one], name=f"install {one.release.key}", daemon=True).start()

    def install(self, one: DeployedRelease) -> None:
        try:
            one.install()
        finally:
            one.is_busy = False
            self.on_change()

    def configs(self, taken: int) -> list[PluginConfig]:
        """Return the configs of those that are to have a process, while there are users for them. taken: by others."""
        configs = [one.config for one in self.releases.values() if one.config and one.role is not Role.STANDBY]
        shared = [config for config in configs if not config.level.own_user]
        fitting = [config for config in configs if config.level.own_user][: max(0, FOR_PROBES - taken)]
        self.crowded = {config.release for config in configs} - {config.release for config in (*shared, *fitting)}
        return shared + fitting

    def warm(self, taken: int) -> set[Slot]:
        """Return the slots of releases that were live before, whose hosts are kept so that a rollback is quick.

        They are a few, for a while, as long as there is memory and no other plugin needs the place. taken: hosts.
        """
        now = time.monotonic()
        if available_bytes() < MIN_AVAILABLE:
            return set()
        since = {one: one.standby_at for one in self.releases.values() if one.config and one.role is Role.STANDBY}
        recent = [one for one in sorted(since, key=since.__getitem__)[::-1] if now < one.standby_at + WARM_SECONDS]
        return {one.config.slot for one in recent[: max(0, min(MAX_WARM, FOR_PROBES - taken))] if one.config}

    def states(self, hosts: Hosts) -> dict[str, str]:
        """Return "" for each release whose host takes runs, or why it does not; nothing of one that still comes."""
        found = {key: self.state(one, hosts) for key, one in self.releases.items()}
        return {key: state for key, state in found.items() if state is not None}

    def state(self, one: DeployedRelease, hosts: Hosts) -> str | None:
        if one.fault:
            return one.fault
        if one.role is Role.STANDBY:
            return None
        plugin, key = one.release.plugin.name, one.release.key
        return CROWDED if key in self.crowded else hosts.state((plugin, key), key)

    def reports(self, hosts: Hosts) -> dict[str, dict[str, str]]:
        return {key: one.report(self.state(one, hosts)) for key, one in self.releases.items()}

    @property
    def is_busy(self) -> bool:
        return any(one.is_busy for one in self.releases.values())

    @property
    def is_quiet(self) -> bool:
        """Return whether it knows what is wanted, and has nothing to do for that now."""
        return bool(self.releases) and not self.is_busy and not any(one.is_due for one in self.releases.values())

    def in_use(self) -> set[Path]:
        """Return the folders that it holds, which nobody may delete."""
        made = [one.installation for one in self.releases.values() if one.installation]
        folders = {one.folder for one in self.releases.values()}
        return folders | {one.environment for one in made}

    def sweep(self) -> None:
        """Delete what killed workers have begun, and what nobody has wanted for a day."""
        for place in (self.env.fetched, self.env.environments):
            delete_unfinished(place)
            delete_unused(place)
