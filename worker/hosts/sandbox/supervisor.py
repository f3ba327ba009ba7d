"""Supervises the host process of one plugin: starts it, restarts it, and passes orders to it."""

import os
import re
import socket
import subprocess
from contextlib import suppress
from itertools import count
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic

import structlog

from gptstore.sdk.host.control import Ended, Fork, Ready, send
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.messages import VERSION
from gptstore.sdk.import_problems import ended_early, not_in_time
from gptstore.sdk.limits import DISK, MEGA
from worker.hosts.convert import as_message
from worker.hosts.errors import HostRefused
from worker.hosts.sandbox.child_process import ChildProcess
from worker.hosts.sandbox.credentials import ask_for_senders
from worker.hosts.sandbox.disk_usage import deleted_files
from worker.hosts.sandbox.disk_watch import DiskWatch
from worker.hosts.sandbox.environment import LAUNCH, ROOT, launcher_variables
from worker.hosts.sandbox.host_folder import HostFolder
from worker.hosts.sandbox.memory import held_by
from worker.hosts.sandbox.plugin_config import Offered, PluginConfig
from worker.hosts.sandbox.processes import kill_tree
from worker.hosts.sandbox.report_channel import ReportChannel
from worker.hosts.sandbox.stderr_log import MinuteQuota, StderrLog
from worker.hosts.sandbox.stderr_pipe import StderrPipe

log = structlog.get_logger(__name__)

HOST = "gptstore.sdk.host.__main__"
MAX_IMPORTS = 3
"""How often a plugin may fail to be imported in a row, before that is tried every RARE_SECONDS only."""

RARE_SECONDS = 300.0

IMPORT_SETTING = "GPTSTORE_PLUGIN_IMPORT_SECONDS"
RESTART_SECONDS = 10.0
FAREWELL_SECONDS = 0.5
SLUG = re.compile(r"[a-z0-9-]{1,50}")
NETWORK_SETTING = "GPTSTORE_NETWORK_PLUGINS"
FIRST_PAUSE, MAX_PAUSE = 0.5, 30.0


class HostGone(Exception):
    """Raised when the plugin's host process is not there. It is started again; a retry may help."""


class Imports:
    """The imports of plugins in all hosts of a sandbox: how long one may take, and so many at a time that each can."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.turns = BoundedSemaphore(max(4, os.cpu_count() or 1))


class Supervisor(Thread):
    """One thread, which starts the host, receives its messages, and starts it again when it ends.

    The kernel ends the host when the thread that started it does, and so with the worker, however that ends.
    memory, disk: bytes that the host may take, and each of its runs. host: the host's process id; 0: none is ready.
    number: the host's own in its sandbox. runs: how many it has now, which `Hosts` counts.
    is_checked: False while a host that runs already is checked again. awake: whether the host is to run; without that
    its tools are known, and the next run wakes it. used_at: when it was ready, or had a run, the last time.
    """

    def __init__(
        self,
        config: PluginConfig,
        number: int,
        user: int | None,
        memory: int,
        disk: int,
        watch: DiskWatch,
        imports: Imports,
    ) -> None:
        super().__init__(name=f"supervisor of {config.plugin}", daemon=True)
        self.config = config
        self.plugin = config.plugin
        self.number = number
        self.runs = 0
        self.user = user
        self.imports = imports
        self.counts_denials = False
        self.failed_imports = 0
        self.is_checked = True
        self.was_put_to_sleep = False
        self.used_at = monotonic()
        self.fault = ""
        self.disk = disk
        self.watch = watch
        self.folder = HostFolder(config.plugin, user)
        self.own_folder = self.folder.path
        self.policy = config.policy(self.folder.path, user, memory, disk)
        self.minute = MinuteQuota()
        self.numbers = count(1)
        self.lock = Lock()
        self.children: dict[int, ChildProcess] = {}
        self.ready = Event()
        self.tried = Event()
        self.closed = Event()
        self.awake = Event()
        self.awake.set()
        self.tools: list[str] = []
        self.network: list[str] = []
        self.control: socket.socket | None = None
        self.host = 0
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        try:
            self.serve()
        finally:
            self.tried.set()

    def serve(self) -> None:
        """Start the host and serve it, again and again while it is awake, until it is closed or left out."""
        pause = FIRST_PAUSE
        self.recall()
        while self.awake.wait() and not self.closed.is_set():
            self.own_folder = self.folder.new()
            try:
                self.run_once()
            except HostRefused as error:
                self.leave_out(str(error))
            except (BadMessage, OSError) as error:
                self.on_failure(error)
            except Exception as error:
                log.exception("supervisor_failed", plugin=self.plugin)
                self.on_failure(error)
            pause = FIRST_PAUSE if self.ready.is_set() else next_pause(pause, self.failed_imports)
            self.tried.set()
            self.clean_up()
            self.folder.delete(self.own_folder)
            if self.was_put_to_sleep:
                self.was_put_to_sleep, pause = False, FIRST_PAUSE
            else:
                self.closed.wait(pause)

    def recall(self) -> None:
        """Offer what is known already, and sleep until there is a run."""
        known = self.config.recall() if self.config.recall is not None else None
        if known is not None:
            self.awake.clear()
            self.tools, self.network = [*known.tools], [*known.network]
            self.tried.set()

    def wake(self) -> None:
        """Start the host, if it does not run."""
        if not self.awake.is_set():
            log.info("host_woken", plugin=self.plugin, release=self.config.release)
            self.used_at = monotonic()
            self.awake.set()

    def sleep(self) -> None:
        """End a host that is ready and has no run, until it is woken."""
        log.info("host_put_to_sleep", plugin=self.plugin, release=self.config.release)
        self.was_put_to_sleep = True
        self.awake.clear()
        self.ready.clear()
        self.hang_up()

    def run_once(self) -> None:
        """Start the host and serve it until it ends. Raises HostRefused."""
        if self.config.check is not None:
            self.config.check()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ask_for_senders(ours)
        stderr = StderrPipe(StderrLog(self.minute, plugin=self.plugin))
        with ours, theirs, stderr, self.watch.watching(self.bytes_on_disk, self.disk, self.exceed_disk):
            reports = ReportChannel(ours, stderr, self.plugin, self.host_user)
            with self.imports.turns:
                self.start_host(theirs, stderr)
                self.handshake(reports.receive(self.imports.seconds))
            if self.closed.is_set() or not self.awake.is_set():
                return
            self.host = reports.host or 0
            with self.lock:
                self.control = ours
            self.used_at = monotonic()
            self.ready.set()
            self.tried.set()
            while (report := reports.receive()) is not None:
                self.on_report(report)

    def check_again(self) -> None:
        """Check, in a thread, that what the running host was started from is as it was; end the host if it is not."""
        self.is_checked = False
        Thread(target=self.run_check, name=f"check of {self.plugin}", daemon=True).start()

    def run_check(self) -> None:
        try:
            if self.config.check is not None:
                self.config.check()
        except HostRefused as error:
            self.leave_out(str(error))
            self.close()
        else:
            self.say_ready()
            self.is_checked = True

    def start_host(self, control: socket.socket, stderr: StderrPipe) -> None:
        """Start the host with its end of the control socket, which is closed here, as its end of stderr is."""
        arguments = [self.policy.encode(), str(os.getpid()), str(self.own_folder)]
        self.process = subprocess.Popen(
            [*LAUNCH, *arguments, *self.config.environment.command(HOST, self.plugin, str(control.fileno()))],
            cwd=ROOT,
            env=launcher_variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr.writer,
            pass_fds=[control.fileno()],
            start_new_session=True,
        )
        control.close()
        stderr.close_writer()

    def handshake(self, first: Ready | Ended | None) -> None:
        if not isinstance(first, Ready):
            raise BadMessage(f"the host did not say that it is ready, but {first}")
        error = first.error
        if first.version != VERSION:
            error = f"its gptstore speaks version {first.version} of the messages, this worker's {VERSION}"
        if error:
            self.leave_out(error, first.details)
        elif not all(map(SLUG.fullmatch, first.tools)):
            raise BadMessage("the host named tools that cannot have these names")
        else:
            self.tools, self.network, self.counts_denials = first.tools, first.network, first.counts_denials
            self.fault, self.failed_imports = "", 0
            self.say_ready()
            self.warn_of_missing_network()

    def say_ready(self) -> None:
        if self.config.on_ready is not None:
            self.config.on_ready(Offered(tuple(self.tools), tuple(self.network)))

    def leave_out(self, reason: str, details: str = "") -> None:
        """Start the host no more."""
        self.fault = as_message(reason)
        self.tools, self.network = [], []
        log.warning("plugin_left_out", plugin=self.plugin, error=self.fault, details=details)
        self.closed.set()

    def on_failure(self, error: Exception) -> None:
        """Note why the host failed, or why it was never ready."""
        if self.ready.is_set() or self.was_put_to_sleep:
            log.error("host_failed", plugin=self.plugin, error=str(error))
            return
        self.fault = self.explain(error)
        self.failed_imports += 1
        log.error("host_failed", plugin=self.plugin, error=self.fault)

    def explain(self, error: Exception) -> str:
        """Return why the host did not become ready."""
        if isinstance(error, TimeoutError):
            return f"{not_in_time(self.imports.seconds).message} ({IMPORT_SETTING})"
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                return ended_early(self.process.wait(FAREWELL_SECONDS)).message
        return as_message(error)

    def warn_of_missing_network(self) -> None:
        if self.network and not self.config.network:
            log.warning("network_not_allowed", plugin=self.plugin, tools=self.network, setting=NETWORK_SETTING)

    def on_report(self, report: Ready | Ended) -> None:
        if isinstance(report, Ended) and (child := self.children.get(report.number)):
            child.report(report.status)

    @property
    def host_user(self) -> int:
        return os.geteuid() if self.user is None else self.user

    def held(self) -> int:
        """Return the bytes that the host has mapped. Raises HostGone."""
        self.ready.wait(RESTART_SECONDS)
        try:
            return held_by(self.host)
        except OSError:
            raise HostGone from None

    def bytes_on_disk(self) -> int:
        """Return the bytes that the host itself keeps on disk, without its runs."""
        deleted = deleted_files(self.host or (self.process.pid if self.process else 0))
        return self.folder.bytes_beside_runs(self.own_folder, self.disk) + sum(deleted.values())

    def exceed_disk(self) -> None:
        """Kill the host, which is started again with an empty folder."""
        log.error("host_disk_exceeded", plugin=self.plugin, megabytes=self.disk // MEGA, setting=DISK.setting)
        self.kill_host()

    def fork(self, order: Fork, descriptors: list[int]) -> ChildProcess:
        """Start a job's child by this order, to which it gives a number. Raises HostGone."""
        self.ready.wait(RESTART_SECONDS)
        with self.lock:
            if self.control is None:
                raise HostGone
            child = ChildProcess(next(self.numbers), self.host, self.host_user)
            self.children[child.number] = child
            try:
                send(self.control, order.model_copy(update={"number": child.number}), descriptors)
            except OSError:
                del self.children[child.number]
                raise HostGone from None
        return child

    def end(self, child: ChildProcess, seconds: float) -> None:
        """Return when a job's child has ended: by force if it has not, and with its host if nothing else helps."""
        if not child.has_ended():
            child.kill()
            if not child.has_ended(seconds):
                log.error("host_ended_by_force", plugin=self.plugin)
                self.kill_host()
                child.has_ended(seconds)
        with self.lock:
            self.children.pop(child.number, None)
        child.close()

    def kill_host(self) -> None:
        if self.process is not None:
            kill_tree(self.process.pid)

    def clean_up(self) -> None:
        """Kill the host's process tree and mark its pending children as lost."""
        self.ready.clear()
        self.host = 0
        with self.lock:
            self.control = None
            lost, self.children = self.children, {}
        self.kill_host()
        if self.process is not None:
            self.process.wait()
            self.process = None
        for child in lost.values():
            child.set_lost()

    def close(self) -> None:
        self.closed.set()
        self.awake.set()
        self.hang_up()

    def hang_up(self) -> None:
        """Have the host end, and its next start wait until it has."""
        with self.lock, suppress(OSError):
            if self.control is not None:
                self.control.shutdown(socket.SHUT_RDWR)


def next_pause(pause: float, failed_imports: int) -> float:
    """Return how long to wait before the next start, after this pause and so many failed imports in a row."""
    return RARE_SECONDS if failed_imports >= MAX_IMPORTS else min(MAX_PAUSE, pause * 2)
