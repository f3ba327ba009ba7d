"""The process of one job's child, which the worker watches and kills itself: it takes nobody's word for its end."""

from threading import Event, Lock

from gptstore.sdk.host.errors import BadMessage
from worker.hosts.limit import Limit
from worker.hosts.sandbox import pidfd
from worker.hosts.sandbox.credentials import Sender
from worker.hosts.sandbox.memory import peak_of
from worker.hosts.sandbox.processes import is_below

ENDING_SECONDS = 1.0
"""The time that a process may take to end whose parent is gone, or has buried it already."""


class ChildProcess:
    """A child. The kernel says which process it is when its first bytes arrive; from then on only its handle counts.

    host: the process that its host's tree begins with. user: the one that the host runs as.
    status: its exit status, as the host reports it, and so only good for a sentence.
    peak: the most bytes of memory that it has had, by the kernel, at the last `measure`.
    """

    def __init__(self, number: int, host: int, user: int) -> None:
        self.number = number
        self.host = host
        self.user = user
        self.pid: int | None = None
        self.handle: int | None = None
        self.is_gone = False
        self.peak = 0
        self.status: int | None = None
        self.host_lost = False
        self.reported = Event()
        self.exceeded: Limit | None = None
        self.lock = Lock()
        self.is_killed = False

    @property
    def is_known(self) -> bool:
        return self.pid is not None

    def identify(self, sender: Sender) -> None:
        """Note which process the child is. Raises BadMessage for a second one, and for one that is not its host's."""
        if sender.pid == self.pid:
            return
        if self.is_known or sender.user != self.user or sender.pid == self.host:
            raise BadMessage("a message of a process that is not this run's child")
        self.open(sender.pid)
        self.pid = sender.pid

    def open(self, pid: int) -> None:
        try:
            handle = pidfd.open_pidfd(pid)
        except ProcessLookupError:
            self.is_gone = True
            return
        except OSError:
            return  # before Linux 5.3 there are no handles: the host's word has to do
        if not is_below(pid, self.host) and not pidfd.has_ended(handle, ENDING_SECONDS):
            pidfd.close(handle)
            raise BadMessage("a message of a process that is not its host's child")
        with self.lock:
            self.handle = handle
            if self.is_killed:
                pidfd.kill(handle)

    def has_ended(self, seconds: float = 0) -> bool:
        """Wait for the end of the process. Return whether it has; a child that nobody knows ends with its host."""
        if self.is_gone:
            return True
        if self.handle is not None:
            return pidfd.has_ended(self.handle, seconds)
        return self.reported.wait(seconds) and (self.is_known or self.host_lost)

    def measure(self) -> None:
        """Read how much memory it has had, while it is there: what it takes in its last moment may go unseen."""
        if self.pid is not None and self.handle is not None and not self.has_ended():
            self.peak = max(self.peak, peak_of(self.pid))

    def kill(self) -> None:
        """Kill it, or as soon as it is known which process it is."""
        with self.lock:
            self.is_killed = True
            if self.handle is not None:
                pidfd.kill(self.handle)

    def exceed(self, limit: Limit) -> None:
        """Kill it because it exceeded this limit."""
        self.exceeded = limit
        self.kill()

    def report(self, status: int) -> None:
        self.status = status
        self.reported.set()

    def set_lost(self) -> None:
        """Note that its host is gone, and take it along."""
        self.host_lost = True
        self.kill()
        self.reported.set()

    def close(self) -> None:
        with self.lock:
            if self.handle is not None:
                pidfd.close(self.handle)
            self.handle, self.is_gone = None, True
