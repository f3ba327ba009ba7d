"""The tool host that runs each plugin in processes of its own."""

import os
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.messages import to_worker
from worker.hosts.base import JobPort, ToolCall, ToolHost
from worker.hosts.errors import HostLost, ToolCrashed, ToolMissing
from worker.hosts.sandbox import landlock, seccomp
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.memory import Memory, bound_memory
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import describe, user_for
from worker.hosts.sandbox.session import Session
from worker.hosts.sandbox.supervisor import ChildExit, HostGone, Imports, Supervisor

FAREWELL_SECONDS = 0.5
KILL_SECONDS = 1.0


@dataclass(frozen=True)
class Bounds:
    """The bounds of one run, whatever its tool asks for. memory: bytes. cpu_seconds: processor time, not waiting.

    import_seconds: the time in which a host has to import its plugin.
    """

    memory: int = 1 << 30
    cpu_seconds: int = 6000
    import_seconds: float = 10.0


class Sandbox(ToolHost):
    """The sandbox. It starts a host process for each plugin; `close` ends them."""

    def __init__(self, configs: Sequence[PluginConfig], bounds: Bounds) -> None:
        self.bounds = bounds
        imports = Imports(bounds.import_seconds)
        self.supervisors = [
            Supervisor(config, own_user(config, number), bounds.memory, imports)
            for number, config in enumerate(configs)
        ]
        for supervisor in self.supervisors:
            supervisor.start()

    @property
    def tools(self) -> dict[str, list[str]]:
        return {supervisor.plugin: supervisor.tools for supervisor in self.supervisors if supervisor.tools}

    @property
    def broken(self) -> dict[str, str]:
        return {supervisor.plugin: supervisor.fault for supervisor in self.supervisors if supervisor.fault}

    def wait(self) -> None:
        """Wait until each host is ready, or has failed to start: for no longer than their imports may take."""
        for supervisor in self.supervisors:
            supervisor.tried.wait()

    def run(self, call: ToolCall, port: JobPort) -> None:
        supervisor = next((one for one in self.supervisors if one.plugin == call.plugin), None)
        if supervisor is None or call.tool not in supervisor.tools:
            raise ToolMissing(call.tool)
        scratch = supervisor.new_folder()
        try:
            self.run_in(scratch, supervisor, call, port)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def run_in(self, scratch: Path, supervisor: Supervisor, call: ToolCall, port: JobPort) -> None:
        memory = self.memory(call, supervisor)
        network = supervisor.config.network and call.tool in supervisor.network
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = self.fork(supervisor, theirs, scratch, memory, network=network)
            try:
                Session(call, port, Channel(ours, to_worker), memory.limit).run()
                child.happened.wait(FAREWELL_SECONDS)
            except (EOFError, ConnectionError):
                raise self.explain(child) from None
            except BadMessage as error:
                raise ToolCrashed("broken messages", str(error)) from None
            finally:
                if not child.happened.is_set():
                    supervisor.kill(child, KILL_SECONDS)

    def memory(self, call: ToolCall, supervisor: Supervisor) -> Memory:
        try:
            return bound_memory(call.memory, supervisor.held() if call.memory else 0, self.bounds.memory)
        except HostGone:
            raise HostLost from None

    def fork(
        self, supervisor: Supervisor, channel: socket.socket, scratch: Path, memory: Memory, *, network: bool
    ) -> ChildExit:
        ruleset = make_ruleset(supervisor.config, scratch, network=network)
        seal, cpu_seconds = seal_for(supervisor.config.level, network=network), self.bounds.cpu_seconds
        try:
            descriptors = [channel.fileno()] if ruleset is None else [channel.fileno(), ruleset]
            return supervisor.fork(scratch, seal, cpu_seconds, memory.bound, descriptors)
        except HostGone:
            raise HostLost from None
        finally:
            if ruleset is not None:
                os.close(ruleset)

    def explain(self, child: ChildExit) -> Exception:
        """Return why the child ended without its last message."""
        child.happened.wait(FAREWELL_SECONDS)
        if child.host_lost:
            return HostLost()
        if child.status == -24:
            return ToolCrashed(f"it computed for longer than {self.bounds.cpu_seconds} s")
        return ToolCrashed(describe(child.status))

    def close(self) -> None:
        for supervisor in self.supervisors:
            supervisor.close()
        for supervisor in self.supervisors:
            supervisor.join(KILL_SECONDS)
            shutil.rmtree(supervisor.folder, ignore_errors=True)


def own_user(config: PluginConfig, number: int) -> int | None:
    return user_for(number) if config.level.own_user else None


def make_ruleset(config: PluginConfig, scratch: Path, *, network: bool) -> int | None:
    """Return the Landlock rules of one job, which reaches no other job's scratch; None without Landlock."""
    if not config.level.landlock:
        return None
    readable, listed = map(Path, config.readable), map(Path, config.environment.listed)
    return landlock.make_ruleset(readable, [scratch, Path("/dev/null")], listed, network=network)


@cache
def seal_for(level: Level, *, network: bool) -> bytes:
    return seccomp.program(processes=False, network=network) if level.seccomp else b""
