"""Where one plugin lives."""

from dataclasses import dataclass
from pathlib import Path

from worker.hosts.sandbox.environment import FOR_NETWORK, PythonEnvironment
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.policy import Rules


@dataclass(frozen=True)
class Home:
    """level: how well a host with this Python can be shut in. network: whether the operator lets its tools reach it."""

    plugin: str
    environment: PythonEnvironment
    level: Level
    network: bool = False

    @property
    def readable(self) -> list[str]:
        return [*self.environment.readable, *(FOR_NETWORK if self.network else [])]

    def rules(self, folder: Path, user: int | None, memory: int = Rules.memory) -> Rules:
        """For a process that lives here and writes into this folder."""
        return Rules(
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
