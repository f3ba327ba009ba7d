"""What a worker is to run: the plugins that are installed beside it, and those of the releases in their folder."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gptstore.env import Environment
from gptstore.sdk.bundle.rollback import roll_back_cut_off
from gptstore.sdk.intake.built_in import BUILT_IN
from worker.hosts.releases.deployed import Deployed, deploy
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.release import REQUIREMENTS, WHEELS
from worker.hosts.sandbox.isolation_level import Level, LevelName, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import FOR_PROBES
from worker.hosts.sandbox.sandbox import Sandbox

log = structlog.get_logger(__name__)

Configs = Mapping[str, PluginConfig]
Look = frozenset[tuple[str, int, int, int, int]]


@dataclass(frozen=True)
class ReleasePlan:
    """The hosts that a worker is to have. refused: plugins and releases that may not run, and why.

    releases: the plugins of each release in the folder, by its key; faults: why a release cannot run.
    is_watched: whether there is such a folder.
    """

    configs: Configs
    refused: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, list[str]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    is_watched: bool = True

    def states(self, sandbox: Sandbox) -> dict[str, str]:
        """Return for each release "" when its hosts take runs, or why they do not; nothing of one that still starts."""
        states = {}
        for key, plugins in self.releases.items():
            hosts = [sandbox.hosts.state((plugin, ""), key) for plugin in plugins]
            faults = [self.faults.get(key, ""), *(self.refused.get(plugin, "") for plugin in plugins), *hosts]
            fault = next(filter(None, faults), "")
            if fault or None not in hosts:
                states[key] = fault
        return states


def make_plan(
    own: Configs, refused: Mapping[str, str], env: Environment, running: Configs | None = None
) -> ReleasePlan:
    """Build what the releases need, and return what is to run.

    own, refused: the plugins that are installed beside the worker. running: what runs now; a broken release ends none
    of it.
    """
    if env.releases is None:
        configs, crowded = admit_while_users_last(own)
        return ReleasePlan(configs, {**refused, **crowded}, is_watched=False)
    running = running or {}
    deployed = deploy(env.releases, env.environments)
    configs, refused = {**own}, {**refused, **deployed.broken}
    for plugin, environment in deployed.environments.items():
        level = probe(environment)
        admitted, reasons = admit([plugin], level, env.sandbox_level)
        network, key = plugin in env.network_plugins, deployed.sources[plugin]
        configs |= {name: PluginConfig(name, environment, level, network, key) for name in admitted}
        refused |= reasons
    for plugin in outlive(deployed, running):
        configs[plugin] = running[plugin]
    configs, crowded = admit_while_users_last(configs)
    faults = {key: refused.get(one.name, "") for key, one in deployed.releases.items()}
    offered = {key: [name for name, its in deployed.sources.items() if its == key] for key in deployed.releases}
    return ReleasePlan(configs, {**refused, **crowded}, offered, faults)


def outlive(deployed: Deployed, running: Configs) -> set[str]:
    """Return the running plugins that go on because a broken release is to replace them, or the folder is not seen."""
    released = {plugin for plugin, config in running.items() if config.release}
    if "releases" in deployed.broken and not deployed.releases:
        return released
    named: set[str] = set()
    for release in deployed.releases.values():
        if release.name in deployed.broken:
            with suppress(ReleaseError):
                named |= release.packages
    return (released & named) - deployed.environments.keys()


def roll_back_upgrades(folder: Path) -> None:
    """Put back what upgrades replaced whose commands were killed, where this worker may write."""
    with suppress(OSError):
        for release in roll_back_cut_off(folder):
            log.warning("upgrade_rolled_back", release=release.name)


def look(folder: Path) -> Look:
    """Return what tells one state of the folder from another: names, times of what is in them, and bytes of wheels."""
    seen = {("", int(folder.is_dir()), 0, 0, 0)}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                own, lock, wheels = (modified(Path(entry.path, name)) for name in ("", REQUIREMENTS, WHEELS))
                seen.add((entry.name, own, lock, wheels, bytes_in(Path(entry.path, WHEELS))))
    return frozenset(seen)


def modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def bytes_in(folder: Path) -> int:
    """Return the bytes of its files, which grow while somebody still copies them."""
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries)
    except OSError:
        return 0


def admit(plugins: Iterable[str], level: Level, lowest: LevelName) -> tuple[list[str], dict[str, str]]:
    """Return the plugins that may run, and why each of the others may not."""
    found = [*plugins]
    if level.is_at_least(lowest):
        return found, {}
    reason = (
        f"It is not built in, and the sandbox of this worker has the level {level.name}, not {lowest} "
        f"(GPTSTORE_SANDBOX_LEVEL). Missing: {'; '.join(level.missing)}"
    )
    return [name for name in found if name in BUILT_IN], {name: reason for name in found if name not in BUILT_IN}


def admit_while_users_last(configs: Configs) -> tuple[Configs, dict[str, str]]:
    """Return as many as there are users for, what is built in first; and why others may not run."""
    if not any(config.level.own_user for config in configs.values()):
        return configs, {}
    names = sorted(configs, key=lambda name: name not in BUILT_IN)
    reason = f"A worker as root has users for {FOR_PROBES} plugins, each of its own. Start another worker for the rest."
    return {name: configs[name] for name in names[:FOR_PROBES]}, dict.fromkeys(names[FOR_PROBES:], reason)
