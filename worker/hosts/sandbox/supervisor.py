"""Supervises the host process of one plugin: starts it, restarts it, and passes orders to it."""

import os
import re
import socket
import subprocess
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread

import structlog

from gptstore.sdk.host.control import Ended, Fork, Kill, Ready, receive, send, to_supervisor
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.messages import VERSION
from worker.hosts.convert import as_message
from worker.hosts.sandbox.environment import LAUNCH, ROOT, launcher_variables
from worker.hosts.sandbox.memory import held_by
from worker.hosts.sandbox.plugin_config import PluginConfig
from worker.hosts.sandbox.processes import children_of, describe, kill_tree

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
    """

    def __init__(self, config: PluginConfig, user: int | None, memory: int, imports: Imports) -> None:
        super().__init__(name=f"supervisor of {config.plugin}", daemon=True)
        self.config = config
        self.plugin = config.plugin
        self.user = user
        self.imports = imports
        self.failed_imports = 0
        self.fault = ""
        self.folder = Path(tempfile.mkdtemp(prefix=f"gptstore-{config.plugin}-"))
        if user is not None:
            self.folder.chmod(0o711)
        self.own_folder = self.new_folder()
        self.policy = config.policy(self.folder, user, memory)
        self.numbers = count(1)
        self.lock = Lock()
        self.children: dict[int, ChildExit] = {}
        self.ready = Event()
        self.tried = Event()
        self.closed = Event()
        self.tools: list[str] = []
        self.network: list[str] = []
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def new_folder(self) -> Path:
        """Make a folder for the host's user, in one that it cannot change: so no other can be passed off for it."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        return folder

    def run(self) -> None:
        try:
            self.serve()
        finally:
            self.tried.set()

    def serve(self) -> None:
        """Start the host and serve it, again and again, until it is closed or left out."""
        pause = FIRST_PAUSE
        while not self.closed.is_set():
            try:
                self.run_once()
            except (BadMessage, OSError) as error:
                self.on_failure(error)
            pause = FIRST_PAUSE if self.ready.is_set() else next_pause(pause, self.failed_imports)
            self.tried.set()
            self.clean_up()
            self.closed.wait(pause)

    def run_once(self) -> None:
        """Start the host and serve it until it ends."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            arguments = [self.policy.encode(), str(os.getpid()), str(self.own_folder)]
            command = self.config.environment.command(HOST, self.plugin, str(theirs.fileno()))
            with self.imports.turns:
                self.process = subprocess.Popen(
                    [*LAUNCH, *arguments, *command],
                    cwd=ROOT,
                    env=launcher_variables(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=None,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
                theirs.close()
                ours.settimeout(self.imports.seconds)
                self.handshake(receive(ours, to_supervisor)[0])
                ours.settimeout(None)
            if self.closed.is_set():
                return
            with self.lock:
                self.control = ours
            self.ready.set()
            self.tried.set()
            while (message := receive(ours, to_supervisor)[0]) is not None:
                self.on_message(message)

    def handshake(self, first: object) -> None:
        if not isinstance(first, Ready):
            raise BadMessage(f"the host did not say that it is ready, but {first}")
        error = first.error
        if first.version != VERSION:
            error = f"its gptstore speaks version {first.version} of the messages, this worker's {VERSION}"
        if error:
            self.fault = as_message(error)
            log.warning("plugin_left_out", plugin=self.plugin, error=self.fault, details=first.details)
            self.closed.set()
        elif not all(map(SLUG.fullmatch, first.tools)):
            raise BadMessage("the host named tools that cannot have these names")
        else:
            self.tools, self.network = first.tools, first.network
            self.fault, self.failed_imports = "", 0
            self.warn_of_missing_network()

    def on_failure(self, error: Exception) -> None:
        """Note why the host failed, or why it was never ready."""
        if self.ready.is_set():
            log.error("host_failed", plugin=self.plugin, error=str(error))
            return
        self.fault = self.explain(error)
        self.failed_imports += 1
        log.error("host_failed", plugin=self.plugin, error=self.fault)

    def explain(self, error: Exception) -> str:
        """Return why the host did not become ready."""
        if isinstance(error, TimeoutError):
            return f"it was not imported within {self.imports.seconds:g} s ({IMPORT_SETTING})"
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                return f"{describe(self.process.wait(FAREWELL_SECONDS))} while it was imported"
        return as_message(error)

    def warn_of_missing_network(self) -> None:
        if self.network and not self.config.network:
            log.warning("network_not_allowed", plugin=self.plugin, tools=self.network, setting=NETWORK_SETTING)

    def on_message(self, message: object) -> None:
        if isinstance(message, Ended) and (child := self.children.pop(message.number, None)):
            child.set(message.status)

    @property
    def host(self) -> int:
        """Return the process id of the host, the child of its launcher. Raises HostGone."""
        children = children_of(self.process.pid) if self.process else []
        if not children:
            raise HostGone
        return children[0]

    def held(self) -> int:
        """Return the bytes that the host has mapped. Raises HostGone."""
        self.ready.wait(RESTART_SECONDS)
        try:
            return held_by(self.host)
        except OSError:
            raise HostGone from None

    def fork(self, scratch: Path, seal: bytes, cpu_seconds: int, memory: int, descriptors: list[int]) -> "ChildExit":
        """Start a job's child, with the descriptors that `Fork` names. Raises HostGone."""
        number = next(self.numbers)
        order = Fork(number=number, scratch=str(scratch), cpu_seconds=cpu_seconds, memory=memory, seal=seal.hex())
        self.ready.wait(RESTART_SECONDS)
        with self.lock:
            if self.control is None:
                raise HostGone
            self.children[number] = child = ChildExit(number)
            try:
                send(self.control, order, descriptors)
            except OSError:
                del self.children[number]
                raise HostGone from None
        return child

    def kill(self, child: "ChildExit", seconds: float) -> None:
        """Kill a job's child; when its host does not do that in time, kill the host with all that it started."""
        with self.lock, suppress(OSError):
            if self.control is not None:
                send(self.control, Kill(number=child.number))
        if not child.happened.wait(seconds) and self.process is not None:
            log.error("host_ended_by_force", plugin=self.plugin)
            kill_tree(self.process.pid)

    def clean_up(self) -> None:
        """Kill the host's process tree and mark its pending children as lost."""
        self.ready.clear()
        with self.lock:
            self.control = None
            lost, self.children = self.children, {}
        if self.process is not None:
            kill_tree(self.process.pid)
            self.process.wait()
        for child in lost.values():
            child.set_lost()

    def close(self) -> None:
        self.closed.set()
        with self.lock, suppress(OSError):
            if self.control is not None:
                self.control.shutdown(socket.SHUT_RDWR)


def next_pause(pause: float, failed_imports: int) -> float:
    """Return how long to wait before the next start, after this pause and so many failed imports in a row."""
    return RARE_SECONDS if failed_imports >= MAX_IMPORTS else min(MAX_PAUSE, pause * 2)


class ChildExit:
    """The exit of a job's child, once it has happened: with a status, or lost with its host."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.status: int | None = None
        self.host_lost = False
        self.happened = Event()

    def set(self, status: int) -> None:
        self.status = status
        self.happened.set()

    def set_lost(self) -> None:
        self.host_lost = True
        self.happened.set()
