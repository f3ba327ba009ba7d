"""Opens the host that runs plugins: in the sandbox or within the worker, and only those that may run there."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from gptstore.env import Environment
from gptstore.sdk.limits import MEGA
from gptstore.sdk.plugins import installed_names, load_plugins
from worker.hosts.base import ToolHost
from worker.hosts.inprocess import InProcessHost
from worker.hosts.releases.environment_cleanup import delete_unused
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import Level, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox
from worker.process.installer import Installer
from worker.process.release_plan import Configs, Look, ReleasePlan, admit, look, make_plan, roll_back_upgrades

log = structlog.get_logger(__name__)

OFF = Level(0, False, missing=("everything: GPTSTORE_SANDBOX is off",))
NOT_LINUX = Level(0, False, missing=("everything: there is no sandbox but on Linux",))


@dataclass
class HostSetup:
    """The host of a worker. plan: what it runs there, which `ReleaseWatch` replaces while the worker runs.

    own, own_refused: the plugins that are installed beside the worker. look: the folder of releases, as it was read.
    installer: the releases that the database wants; unwelcome: those where there is no sandbox for them, and why.
    """

    host: ToolHost
    level: Level = OFF
    plan: ReleasePlan = field(default_factory=lambda: ReleasePlan({}, is_watched=False))
    own: Configs = field(default_factory=dict)
    own_refused: Mapping[str, str] = field(default_factory=dict)
    look: Look = frozenset()
    installer: Installer | None = None
    unwelcome: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> Mapping[str, str]:
        """Return the plugins and the releases that may not run, and why."""
        return self.plan.refused

    @property
    def releases(self) -> dict[str, str] | None:
        """Return the state of each release, as `ReleasePlan.states`; None where there is none, nor a folder."""
        if not isinstance(self.host, Sandbox):
            return {**self.unwelcome} or None
        deployed = self.installer.states(self.host.hosts) if self.installer else {}
        if not self.plan.is_watched and not (self.installer and self.installer.releases):
            return None
        return (self.plan.states(self.host) if self.plan.is_watched else {}) | deployed

    @property
    def installs(self) -> dict[str, dict[str, str]]:
        """Return how far each release has come that the database wants, as `DeployedRelease.report`."""
        return self.installer.reports(self.host.hosts) if self.installer and isinstance(self.host, Sandbox) else {}


def open_host(env: Environment) -> HostSetup:
    level = level_of_worker(env)
    log.info("sandbox", level=level.name, missing=level.missing)
    plugins, refused = admit(installed_names(), level, env.sandbox_level)
    if level in (OFF, NOT_LINUX):
        refused |= {"releases": f"They run in the sandbox only. {level.missing[0]}"} if env.releases else {}
        setup = HostSetup(open_within(plugins), level, ReleasePlan({}, refused, is_watched=False))
    else:
        own = {name: PluginConfig(name, own_environment(), level, name in env.network_plugins) for name in plugins}
        if env.releases:
            roll_back_upgrades(env.releases)
        seen = look(env.releases) if env.releases else frozenset()
        plan = make_plan(own, refused, env)
        if env.releases:
            delete_unused(env.environments)
        setup = HostSetup(open_sandbox([*plan.configs.values()], env), level, plan, own, refused, seen)
    for plugin, reason in setup.refused.items():
        log.error("plugin_refused", plugin=plugin, reason=reason)
    return setup


def level_of_worker(env: Environment) -> Level:
    if not env.sandbox:
        return OFF
    return probe(own_environment()) if sys.platform == "linux" else NOT_LINUX


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
