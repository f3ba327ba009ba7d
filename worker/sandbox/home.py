"""Where one plugin lives."""

from dataclasses import dataclass

from worker.sandbox.environment import FOR_NETWORK, PythonEnvironment
from worker.sandbox.level import Level


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
