"""The configuration of one plugin's host: its Python environment, and what it may reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from worker.hosts.sandbox.environment import FOR_NETWORK, PythonEnvironment
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.policy import Policy

Slot = tuple[str, str]
"""A plugin and a release that serves its runs: "" for the one that is installed beside the worker."""


class Offered(NamedTuple):
    """What a host says when it is ready: the slugs of its tools, and of those that declare `network=True`."""

    tools: tuple[str, ...]
    network: tuple[str, ...] = ()


@dataclass(frozen=True)
class PluginConfig:
    """A host's config. level: its isolation with this Python. network: whether the operator lets its tools connect.

    release: the one that its plugin is of, as `Release.key`; "" for a plugin that is installed beside the worker.
    deployed: whether runs ask for this release by its key, so that several releases of a plugin serve at a time.
    check: is called before each start of the host, and raises HostRefused when it must not start.
    recall: is called once by a host that is new, and returns what it offers if it need not start before its first run.
    on_ready: is called whenever the host is ready.
    """

    plugin: str
    environment: PythonEnvironment
    level: Level
    network: bool = False
    release: str = ""
    deployed: bool = False
    check: Callable[[], None] | None = field(default=None, compare=False)
    recall: Callable[[], Offered | None] | None = field(default=None, compare=False)
    on_ready: Callable[[Offered], None] | None = field(default=None, compare=False)

    @property
    def slot(self) -> "Slot":
        """Return what runs name to get this host: its plugin, and its release or "" for the one that is installed."""
        return self.plugin, self.release if self.deployed else ""

    @property
    def readable(self) -> list[str]:
        return [*self.environment.readable, *(FOR_NETWORK if self.network else [])]

    def policy(
        self, folder: Path, user: int | None, memory: int = Policy.memory, disk: int = Policy.file_size
    ) -> Policy:
        """Return the policy of a process with this configuration that writes into this folder."""
        return Policy(
            read=self.readable,
            write=[str(folder), "/dev/null"],
            listed=[*self.environment.listed],
            memory=memory,
            file_size=disk,
            network=self.network,
            namespaces=self.level.namespaces,
            landlock=bool(self.level.landlock),
            seccomp=self.level.seccomp,
            user=user,
            variables=self.environment.variables,
        )
