"""Opens the host that runs plugins: in the sandbox or within the worker, and only those that may run there."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gptstore.env import Environment
from gptstore.sdk.intake.built_in import BUILT_IN
from gptstore.sdk.limits import MEGA
from gptstore.sdk.plugins import installed_names, load_plugins
from worker.hosts.base import ToolHost
from worker.hosts.inprocess import InProcessHost
from worker.hosts.releases.deployed import deploy
from worker.hosts.releases.environment_locks import delete_unused
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import Level, LevelName, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import FOR_PROBES
from worker.hosts.sandbox.sandbox import Bounds, Sandbox

log = structlog.get_logger(__name__)

OFF = Level(0, False, missing=("everything: GPTSTORE_SANDBOX is off",))
NOT_LINUX = Level(0, False, missing=("everything: there is no sandbox but on Linux",))


@dataclass(frozen=True)
class HostSetup:
    """The host of a worker. refused: plugins that may not run, and why."""

    host: ToolHost
    level: Level = OFF
    refused: Mapping[str, str] = field(default_factory=dict)


def open_host(env: Environment) -> HostSetup:
    level = level_of_worker(env)
    log.info("sandbox", level=level.name, missing=level.missing)
    plugins, refused = admit(installed_names(), level, env.sandbox_level)
    if level in (OFF, NOT_LINUX):
        host: ToolHost = open_within(plugins)
        refused |= {"releases": f"They run in the sandbox only. {level.missing[0]}"} if env.releases else {}
    else:
        configs = {name: PluginConfig(name, own_environment(), level, name in env.network_plugins) for name in plugins}
        if env.releases:
            released, broken = admit_releases(env.releases, env)
            configs |= released
            refused |= broken
        configs, crowded = admit_while_users_last(configs)
        refused |= crowded
        host = open_sandbox([*configs.values()], env)
    for plugin, reason in refused.items():
        log.error("plugin_refused", plugin=plugin, reason=reason)
    return HostSetup(host, level, refused)


def level_of_worker(env: Environment) -> Level:
    if not env.sandbox:
        return OFF
    return probe(own_environment()) if sys.platform == "linux" else NOT_LINUX


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


def admit_releases(folder: Path, env: Environment) -> tuple[dict[str, PluginConfig], dict[str, str]]:
    """Return the configs of plugins that have an environment of their own, and why others cannot run."""
    deployed = deploy(folder, env.environments)
    delete_unused(env.environments)
    configs: dict[str, PluginConfig] = {}
    refused = dict(deployed.broken)
    for plugin, environment in deployed.environments.items():
        level = probe(environment)
        admitted, reasons = admit([plugin], level, env.sandbox_level)
        configs |= {name: PluginConfig(name, environment, level, name in env.network_plugins) for name in admitted}
        refused |= reasons
    return configs, refused


def admit_while_users_last(configs: dict[str, PluginConfig]) -> tuple[dict[str, PluginConfig], dict[str, str]]:
    """Return as many as there are users for, what is built in first; and why others may not run."""
    if not any(config.level.own_user for config in configs.values()):
        return configs, {}
    names = sorted(configs, key=lambda name: name not in BUILT_IN)
    reason = f"A worker as root has users for {FOR_PROBES} plugins, each of its own. Start another worker for the rest."
    return {name: configs[name] for name in names[:FOR_PROBES]}, dict.fromkeys(names[FOR_PROBES:], reason)


def open_within(plugins: list[str]) -> InProcessHost:
    loaded = load_plugins(names=plugins)
    for broken in loaded.broken:
        log.warning("plugin_left_out", plugin=broken.name, error=broken.error)
    return InProcessHost(loaded)


def open_sandbox(configs: list[PluginConfig], env: Environment) -> Sandbox:
    bounds = Bounds(
        memory=env.tool_memory_mb * MEGA, disk=env.tool_disk_mb * MEGA, import_seconds=env.plugin_import_seconds
    )
    sandbox = Sandbox(configs, bounds)
    sandbox.wait()
    return sandbox
