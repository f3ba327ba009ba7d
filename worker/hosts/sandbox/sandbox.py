"""The host of tools that a worker uses: each plugin in processes of its own."""

import os
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.messages import BadMessage, to_worker
from worker.hosts.base import HostLost, JobPort, ToolCall, ToolCrashed, ToolHost, ToolMissing
from worker.hosts.sandbox import landlock, seccomp
from worker.hosts.sandbox.exit_status import describe
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.memory import Memory, bound_memory
from worker.hosts.sandbox.plugin_config import Home
from worker.hosts.sandbox.policy import Rules
from worker.hosts.sandbox.session import Session
from worker.hosts.sandbox.supervisor import START_SECONDS, Ending, HostGone, Keeper
from worker.hosts.sandbox.users import user_for

FAREWELL_SECONDS = 0.5
KILL_SECONDS = 1.0


@dataclass(frozen=True)
class Bounds:
    """Of one run, whatever its tool allows. memory: in bytes. cpu_seconds: of computing, however long it waits."""

    memory: int = 1 << 30
    cpu_seconds: int = 6000


class Sandbox(ToolHost):
    """Starts a host process for each plugin. `close` ends them."""

    def __init__(self, homes: Sequence[Home], bounds: Bounds) -> None:
        self.bounds = bounds
        self.keepers = [Keeper(home, own_user(home, number), self.rules) for number, home in enumerate(homes)]
        for keeper in self.keepers:
            keeper.start()

    @property
    def tools(self) -> list[str]:
        return [tool for keeper in self.keepers for tool in keeper.tools]

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Until each host is ready, or has failed to be."""
        for keeper in self.keepers:
            keeper.settled.wait(seconds)

    def rules(self, keeper: Keeper) -> Rules:
        return keeper.home.rules(keeper.folder, keeper.user, self.bounds.memory)

    def run(self, call: ToolCall, port: JobPort) -> None:
        keeper = next((keeper for keeper in self.keepers if call.tool in keeper.tools), None)
        if keeper is None:
            raise ToolMissing(call.tool)
        scratch = keeper.new_folder()
        try:
            self.run_in(scratch, keeper, call, port)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def run_in(self, scratch: Path, keeper: Keeper, call: ToolCall, port: JobPort) -> None:
        memory = self.memory(call, keeper)
        network = keeper.home.network and call.tool in keeper.network
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                ending = self.fork(keeper, theirs, scratch, memory, network=network)
            try:
                Session(call, port, Channel(ours, to_worker), memory.limit).run()
                ending.happened.wait(FAREWELL_SECONDS)
            except (EOFError, ConnectionError):
                raise self.explain(ending) from None
            except BadMessage as error:
                raise ToolCrashed("broken messages", str(error)) from None
            finally:
                if not ending.happened.is_set():
                    keeper.kill(ending, KILL_SECONDS)

    def memory(self, call: ToolCall, keeper: Keeper) -> Memory:
        try:
            return bound_memory(call.memory, keeper.held() if call.memory else 0, self.bounds.memory)
        except HostGone:
            raise HostLost from None

    def fork(self, keeper: Keeper, channel: socket.socket, scratch: Path, memory: Memory, *, network: bool) -> Ending:
        ruleset = make_ruleset(keeper.home, scratch, network=network)
        seal, cpu_seconds = seal_for(keeper.home.level, network=network), self.bounds.cpu_seconds
        try:
            descriptors = [channel.fileno()] if ruleset is None else [channel.fileno(), ruleset]
            return keeper.fork(scratch, seal, cpu_seconds, memory.bound, descriptors)
        except HostGone:
            raise HostLost from None
        finally:
            if ruleset is not None:
                os.close(ruleset)

    def explain(self, ending: Ending) -> Exception:
        """Why the child went without a word."""
        ending.happened.wait(FAREWELL_SECONDS)
        if ending.host_lost:
            return HostLost()
        if ending.status == -24:
            return ToolCrashed(f"it computed for longer than {self.bounds.cpu_seconds} s")
        return ToolCrashed(describe(ending.status))

    def close(self) -> None:
        for keeper in self.keepers:
            keeper.close()
        for keeper in self.keepers:
            keeper.join(KILL_SECONDS)
            shutil.rmtree(keeper.folder, ignore_errors=True)


def own_user(home: Home, number: int) -> int | None:
    return user_for(number) if home.level.own_user else None


def make_ruleset(home: Home, scratch: Path, *, network: bool) -> int | None:
    """What one job may reach: no other job's scratch."""
    if not home.level.landlock:
        return None
    readable, listed = map(Path, home.readable), map(Path, home.environment.listed)
    return landlock.make_ruleset(readable, [scratch, Path("/dev/null")], listed, network=network)


@cache
def seal_for(level: Level, *, network: bool) -> bytes:
    return seccomp.program(processes=False, network=network) if level.seccomp else b""
