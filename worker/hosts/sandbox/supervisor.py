"""Keeps the host process of one plugin alive, and passes orders to it."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from gptstore.sdk.host.control import Ended, Fork, Kill, Ready, receive, send, to_keeper
from gptstore.sdk.host.messages import VERSION, BadMessage
from worker.hosts.sandbox.environment import ROOT, launcher_variables
from worker.hosts.sandbox.memory import held_by
from worker.hosts.sandbox.plugin_config import Home
from worker.hosts.sandbox.policy import Rules
from worker.hosts.sandbox.process_tree import end_family

log = structlog.get_logger(__name__)

LAUNCH = (sys.executable, "-m", "worker.hosts.sandbox.launch")
START_SECONDS = 60.0
RESTART_SECONDS = 10.0
NETWORK_SETTING = "GPTSTORE_NETWORK_PLUGINS"
FIRST_PAUSE, MAX_PAUSE = 0.5, 30.0


class HostGone(Exception):
    """Raised when the plugin's host process is not there. It is started again; a retry may help."""


class Keeper(Thread):
    """One thread: it starts the host, hears it, and starts it again when it ends.

    The kernel ends the host when the thread that started it does, and so with the worker, however that ends.
    """

    def __init__(self, home: Home, user: int | None, rules: Callable[["Keeper"], Rules]) -> None:
        super().__init__(name=f"keeper of {home.plugin}", daemon=True)
        self.home = home
        self.user = user
        self.rules = rules
        self.folder = Path(tempfile.mkdtemp(prefix=f"gptstore-{home.plugin}-"))
        if user is not None:
            self.folder.chmod(0o711)
        self.own_folder = self.new_folder()
        self.numbers = count(1)
        self.lock = Lock()
        self.ends: dict[int, Ending] = {}
        self.ready = Event()
        self.settled = Event()
        self.closed = Event()
        self.tools: list[str] = []
        self.network: list[str] = []
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def plugin(self) -> str:
        return self.home.plugin

    def new_folder(self) -> Path:
        """For the host's user alone, in a folder that it cannot change: so nothing else is given to it instead."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        return folder

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self.closed.is_set():
            try:
                self.live()
            except (BadMessage, OSError) as error:
                log.error("host_failed", plugin=self.plugin, error=str(error))
            pause = FIRST_PAUSE if self.ready.is_set() else min(MAX_PAUSE, pause * 2)
            self.settled.set()
            self.bury()
            self.closed.wait(pause)

    def live(self) -> None:
        """From the host's start to its end."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            arguments = [self.rules(self).encode(), str(os.getpid()), str(self.own_folder)]
            self.process = subprocess.Popen(
                [*LAUNCH, *arguments, *self.home.environment.command(self.plugin, theirs.fileno())],
                cwd=ROOT,
                env=launcher_variables(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            ours.settimeout(START_SECONDS)
            self.greet(receive(ours, to_keeper)[0])
            ours.settimeout(None)
            with self.lock:
                self.control = ours
            self.ready.set()
            self.settled.set()
            while (message := receive(ours, to_keeper)[0]) is not None:
                self.hear(message)

    def greet(self, first: object) -> None:
        if not isinstance(first, Ready):
            raise BadMessage(f"the host did not say that it is ready, but {first}")
        error = first.error
        if first.version != VERSION:
            error = f"its gptstore speaks version {first.version} of the messages, this worker's {VERSION}"
        if error:
            log.warning("plugin_left_out", plugin=self.plugin, error=error, details=first.details)
            self.closed.set()
        else:
            self.tools, self.network = first.tools, first.network
            self.say_who_lacks_network()

    def say_who_lacks_network(self) -> None:
        if self.network and not self.home.network:
            log.warning("network_not_allowed", plugin=self.plugin, tools=self.network, setting=NETWORK_SETTING)

    def hear(self, message: object) -> None:
        if isinstance(message, Ended) and (ending := self.ends.pop(message.number, None)):
            ending.be(message.status)

    def held(self) -> int:
        """Bytes that the host has mapped. Raises HostGone."""
        self.ready.wait(RESTART_SECONDS)
        try:
            return held_by(self.process.pid if self.process else 0)
        except OSError:
            raise HostGone from None

    def fork(self, scratch: Path, seal: bytes, cpu_seconds: int, memory: int, descriptors: list[int]) -> "Ending":
        """Start a job's child, with the descriptors that `Fork` names. Raises HostGone."""
        number = next(self.numbers)
        order = Fork(number=number, scratch=str(scratch), cpu_seconds=cpu_seconds, memory=memory, seal=seal.hex())
        self.ready.wait(RESTART_SECONDS)
        with self.lock:
            if self.control is None:
                raise HostGone
            self.ends[number] = ending = Ending(number)
            try:
                send(self.control, order, descriptors)
            except OSError:
                del self.ends[number]
                raise HostGone from None
        return ending

    def kill(self, ending: "Ending", seconds: float) -> None:
        """End a job's child; when its host does not do that in time, the host with all that it started."""
        with self.lock, suppress(OSError):
            if self.control is not None:
                send(self.control, Kill(number=ending.number))
        if not ending.happened.wait(seconds) and self.process is not None:
            log.error("host_ended_by_force", plugin=self.plugin)
            end_family(self.process.pid)

    def bury(self) -> None:
        """The host has ended or is to end: nothing of it is left, and whoever waits for a child of its is told."""
        self.ready.clear()
        with self.lock:
            self.control = None
            lost, self.ends = self.ends, {}
        if self.process is not None:
            end_family(self.process.pid)
            self.process.wait()
        for ending in lost.values():
            ending.go_with_host()

    def close(self) -> None:
        self.closed.set()
        with self.lock, suppress(OSError):
            if self.control is not None:
                self.control.shutdown(socket.SHUT_RDWR)


class Ending:
    """How a child ended, once it has: with a status, or with its host."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.status: int | None = None
        self.host_lost = False
        self.happened = Event()

    def be(self, status: int) -> None:
        self.status = status
        self.happened.set()

    def go_with_host(self) -> None:
        self.host_lost = True
        self.happened.set()
