"""The worker's end of the socket to a host: what the host itself reports, and what it writes to its stderr."""

import select
import socket
from time import monotonic

import structlog

from gptstore.sdk.host.control import LONGEST, Ended, Ready, read_report
from worker.hosts.sandbox.credentials import NOBODY, Sender, receive
from worker.hosts.sandbox.stderr_pipe import StderrPipe
from worker.hosts.sandbox.throttle import Throttle

log = structlog.get_logger(__name__)


class ReportChannel:
    """A channel that takes reports of one process, the first to send one, and no descriptors.

    A run's child may have inherited the host's end; what it sends there is dropped.
    """

    def __init__(self, end: socket.socket, stderr: StderrPipe, plugin: str, user: int) -> None:
        self.plugin = plugin
        self.end = end
        self.stderr = stderr
        self.user = user
        self.host: int | None = None
        self.has_strangers = False
        self.throttle = Throttle()
        self.poll = select.poll()
        self.poll.register(end, select.POLLIN)
        self.poll.register(stderr.reader, select.POLLIN)

    def receive(self, seconds: float | None = None) -> Ready | Ended | None:
        """Return the host's next report; None when it has closed. Raises BadMessage, and TimeoutError."""
        ends_at = None if seconds is None else monotonic() + seconds
        while True:
            self.throttle.rest()
            if self.has_more(None if ends_at is None else ends_at - monotonic()):
                data, sender = receive(self.end, LONGEST)
                if sender == NOBODY:
                    return None
                if self.is_host(sender):
                    return read_report(data)

    def has_more(self, seconds: float | None) -> bool:
        """Wait for a report or for a line on stderr, which is logged. Return whether there is a report."""
        ready = {descriptor for descriptor, _ in self.poll.poll(None if seconds is None else max(0.0, seconds) * 1000)}
        if not ready:
            raise TimeoutError("the host did not say in time that it is ready")
        if self.stderr.reader in ready and not self.stderr.read():
            self.poll.unregister(self.stderr.reader)
        return self.end.fileno() in ready

    def is_host(self, sender: Sender) -> bool:
        if self.host is None and sender.user == self.user:
            self.host = sender.pid
        if sender.pid == self.host:
            return True
        if not self.has_strangers:
            self.has_strangers = True
            log.warning("report_of_another_process", plugin=self.plugin, process=sender.pid)
        return False
