"""One plugin, the Python environment that it is installed in, and how well a host with this Python can be shut in."""

from dataclasses import dataclass

from worker.sandbox.environment import PythonEnvironment
from worker.sandbox.level import Level


@dataclass(frozen=True)
class Home:
    plugin: str
    environment: PythonEnvironment
    level: Level
