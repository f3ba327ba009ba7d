"""A sandbox with the benchmark's plugins in it, as a worker opens it, and the host within the process beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.common.errors import NotMeasured
from gptstore.sdk.plugins import load_plugins
from worker.hosts.inprocess import InProcessHost
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import Level, probe
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox


@contextmanager
def open_sandbox(*plugins: str, **bounds: int) -> Iterator[Sandbox]:
    """Yield a sandbox whose hosts are ready. Raises NotMeasured where the machine has no means of a sandbox."""
    level = level_here()
    if level.name == "none":
        raise NotMeasured(f"there is no sandbox on this machine: {', '.join(level.missing)}")
    sandbox = Sandbox([PluginConfig(plugin, own_environment(), level) for plugin in plugins], Bounds(**bounds))
    try:
        sandbox.wait()
        if missing := [supervisor.plugin for supervisor in sandbox.supervisors if not supervisor.tools]:
            raise NotMeasured(f"no host of {', '.join(missing)} came up")
        yield sandbox
    finally:
        sandbox.close()


def level_here() -> Level:
    return probe(own_environment())


def within_process(plugin: str) -> InProcessHost:
    """Return the baseline: a host within the process, without a sandbox."""
    return InProcessHost(load_plugins(names=[plugin]))
