"""How the host of one plugin is configured: its Python environment, and what it may reach."""

from dataclasses import dataclass
from pathlib import Path

from worker.hosts.sandbox.environment import FOR_NETWORK, PythonEnvironment
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.policy import Policy


@dataclass(frozen=True)
class PluginConfig:
    """level: how well a host with this Python is isolated. network: whether the operator lets its tools reach it."""

    plugin: str
    environment: PythonEnvironment
    level: Level
    network: bool = False

    @property
    def readable(self) -> list[str]:
        return [*self.environment.readable, *(FOR_NETWORK if self.network else [])]

    def policy(self, folder: Path, user: int | None, memory: int = Policy.memory) -> Policy:
        """Return the policy of a process with this configuration that writes into this folder."""
        return Policy(
            read=self.readable,
            write=[str(folder), "/dev/null"],
            listed=[*self.environment.listed],
            memory=memory,
            network=self.network,
            landlock=bool(self.level.landlock),
            seccomp=self.level.seccomp,
            user=user,
            variables=self.environment.variables,
        )
