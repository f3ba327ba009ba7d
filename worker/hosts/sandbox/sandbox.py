"""The tool host that runs each plugin in processes of its own."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import monotonic

from gptstore.sdk import Canceled
from gptstore.sdk.exit_status import describe_status
from gptstore.sdk.host.control import Fork
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.limits import DISK, MEGA
from worker.hosts.base import JobPort, Offer, ToolCall, ToolHost
from worker.hosts.errors import HostLost, LimitExceeded, ToolCrashed
from worker.hosts.limit import Limit
from worker.hosts.sandbox import landlock, seccomp
from worker.hosts.sandbox.child_process import ChildProcess
from worker.hosts.sandbox.credentials import ask_for_senders
from worker.hosts.sandbox.disk_usage import bytes_below, deleted_files
from worker.hosts.sandbox.disk_watch import DiskWatch
from worker.hosts.sandbox.folder_sweep import FolderSweep
from worker.hosts.sandbox.hosts import Hosts
from worker.hosts.sandbox.isolation_level import Level
from worker.hosts.sandbox.job_channel import JobChannel
from worker.hosts.sandbox.memory import Memory, bound_memory
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import user_for
from worker.hosts.sandbox.session import Session
from worker.hosts.sandbox.stderr_log import MAX_LINES_OF_A_RUN, StderrLog
from worker.hosts.sandbox.stderr_pipe import StderrPipe
from worker.hosts.sandbox.supervisor import RESTART_SECONDS, HostGone, Imports, Supervisor

FAREWELL_SECONDS = 0.5
LOOK_SECONDS = 0.1
KILL_SECONDS = 1.0


@dataclass(frozen=True)
class Bounds:
    """The bounds of one run, whatever its tool asks for.

    memory: bytes. cpu_seconds: processor time, not waiting. disk: bytes that it keeps on disk; also of a host.
    import_seconds: the time in which a host has to import its plugin.
    """

    memory: int = 1 << 30
    cpu_seconds: int = 6000
    disk: int = DISK.default * MEGA
    import_seconds: float = 10.0


class Sandbox(ToolHost):
    """The sandbox. It starts a host process for each plugin, and others while it runs; `close` ends them."""

    def __init__(self, configs: Sequence[PluginConfig], bounds: Bounds) -> None:
        self.bounds = bounds
        self.watch = DiskWatch()
        self.imports = Imports(bounds.import_seconds)
        self.watch.start()
        self.hosts = Hosts(configs, self.start_host)
        self.sweep = FolderSweep(lambda: [supervisor.folder for supervisor in self.supervisors])
        self.sweep.start()

    def start_host(self, config: PluginConfig, number: int) -> Supervisor:
        memory, disk = self.bounds.memory, self.bounds.disk
        user = own_user(config, number)
        supervisor = Supervisor(config, number, user, memory, disk, self.watch, self.imports)
        supervisor.start()
        return supervisor

    @property
    def supervisors(self) -> list[Supervisor]:
        return self.hosts.all

    @property
    def offers(self) -> dict[Offer, list[str]]:
        return self.hosts.tools

    @property
    def broken(self) -> dict[str, str]:
        installed = [one for one in self.supervisors if not one.config.deployed]
        return {supervisor.plugin: supervisor.fault for supervisor in installed if supervisor.fault}

    def wait(self) -> None:
        """Wait until each host is ready, or has failed to start: for no longer than their imports may take."""
        for supervisor in self.supervisors:
            supervisor.tried.wait()

    def run(self, call: ToolCall, port: JobPort) -> None:
        with self.hosts.keep((call.plugin, call.release), call.tool) as supervisor:
            self.wait_for(supervisor, port)
            scratch = supervisor.folder.new()
            its = replace(call, counts_denials=call.counts_denials and supervisor.counts_denials)
            try:
                self.run_in(scratch, supervisor, its, port)
            finally:
                supervisor.folder.delete(scratch)

    def wait_for(self, supervisor: Supervisor, port: JobPort) -> None:
        """Wait until the host runs, which this run may have woken. Raises HostLost, and Canceled for a stopped run."""
        ends_at = monotonic() + RESTART_SECONDS + self.imports.seconds
        while not supervisor.ready.wait(LOOK_SECONDS):
            if port.stopped:
                raise Canceled
            if monotonic() > ends_at or not supervisor.is_alive():
                raise HostLost

    def run_in(self, scratch: Path, supervisor: Supervisor, call: ToolCall, port: JobPort) -> None:
        memory, disk = self.memory(call, supervisor), Limit(DISK, call.disk, self.bounds.disk)
        network = supervisor.config.network and call.tool in supervisor.network
        ours, theirs = socket.socketpair()
        ask_for_senders(ours)
        log = StderrLog(supervisor.minute, MAX_LINES_OF_A_RUN, plugin=supervisor.plugin, job=call.job)
        with ours, StderrPipe(log) as stderr:
            with theirs:
                order = self.order(supervisor, scratch, memory, disk, network=network)
                child = self.fork(supervisor, order, [theirs.fileno(), stderr.writer], network=network)
            stderr.close_writer()
            try:
                with self.disk_watched(child, scratch, disk):
                    Session(call, port, JobChannel(ours, child, stderr), memory.limit, disk).run()
                    child.has_ended(FAREWELL_SECONDS)
            except (EOFError, ConnectionError):
                raise self.explain(child) from None
            except BadMessage as error:
                raise ToolCrashed("broken messages", str(error)) from None
            finally:
                supervisor.end(child, KILL_SECONDS)
                port.note_memory(child.peak)

    def memory(self, call: ToolCall, supervisor: Supervisor) -> Memory:
        try:
            return bound_memory(call.memory, supervisor.held() if call.memory else 0, self.bounds.memory)
        except HostGone:
            raise HostLost from None

    def order(self, supervisor: Supervisor, scratch: Path, memory: Memory, disk: Limit, *, network: bool) -> Fork:
        return Fork(
            number=0,  # the supervisor numbers its children
            scratch=str(scratch),
            cpu_seconds=self.bounds.cpu_seconds,
            memory=memory.bound,
            file_size=disk.most,
            seal=seal_for(supervisor.config.level, network=network).hex(),
        )

    def fork(self, supervisor: Supervisor, order: Fork, descriptors: list[int], *, network: bool) -> ChildProcess:
        ruleset = make_ruleset(supervisor.config, Path(order.scratch), network=network)
        try:
            return supervisor.fork(order, descriptors if ruleset is None else [*descriptors, ruleset])
        except HostGone:
            raise HostLost from None
        finally:
            if ruleset is not None:
                os.close(ruleset)

    @contextmanager
    def disk_watched(self, child: ChildProcess, scratch: Path, disk: Limit) -> Iterator[None]:
        """Kill the child when it keeps more on disk than this limit allows."""

        def count() -> int:
            deleted = deleted_files(child.pid) if child.pid is not None else {}
            return bytes_below(scratch, disk.most) + sum(deleted.values())

        with self.watch.watching(count, disk.most, lambda: child.exceed(disk)):
            yield

    def explain(self, child: ChildProcess) -> Exception:
        """Return why the child ended without its last message."""
        if child.exceeded is not None:
            return LimitExceeded(child.exceeded)
        child.reported.wait(FAREWELL_SECONDS)
        if child.host_lost:
            return HostLost()
        if child.status == -24:
            return ToolCrashed(f"it computed for longer than {self.bounds.cpu_seconds} s")
        return ToolCrashed(describe_status(child.status))

    def close(self) -> None:
        self.watch.close()
        self.sweep.close()
        self.hosts.close(KILL_SECONDS)


def own_user(config: PluginConfig, number: int) -> int | None:
    return user_for(number) if config.level.own_user else None


def make_ruleset(config: PluginConfig, scratch: Path, *, network: bool) -> int | None:
    """Return the Landlock rules of one job, which reaches no other job's scratch; None without Landlock."""
    if not config.level.landlock:
        return None
    return landlock.make_ruleset(config.readable, [scratch, "/dev/null"], config.environment.listed, network=network)


@cache
def seal_for(level: Level, *, network: bool) -> bytes:
    return seccomp.program(processes=False, network=network) if level.seccomp else b""
