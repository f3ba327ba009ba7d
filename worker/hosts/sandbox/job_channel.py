"""The worker's end of a job's channel: messages of one process, and what that writes to its stderr."""

import select
import socket
from collections.abc import Callable

from gptstore.sdk.host.channel import MAX_INPUT, Channel
from gptstore.sdk.host.messages import to_worker
from worker.hosts.sandbox.child_process import ChildProcess
from worker.hosts.sandbox.credentials import receive
from worker.hosts.sandbox.stderr_pipe import StderrPipe

LOOK_SECONDS = 0.1


class JobChannel(Channel):
    """A channel that identifies its child by the first bytes, takes messages of no other, and no descriptors.

    give_up: is called while the child does not read, and raises the reason when the run does not wait for it any more.
    """

    def __init__(self, end: socket.socket, child: ChildProcess, stderr: StderrPipe) -> None:
        super().__init__(end, to_worker, max_sent=MAX_INPUT)
        self.child = child
        self.stderr = stderr
        self.poll.register(stderr.reader, select.POLLIN)
        self.give_up: Callable[[], None] = lambda: None

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[self.socket.send(left, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self.wait_for_room()

    def wait_for_room(self) -> None:
        room = select.poll()
        room.register(self.socket.fileno(), select.POLLOUT)
        if not room.poll(LOOK_SECONDS * 1000):
            self.give_up()

    def read(self, size: int) -> bytes:
        data, sender = receive(self.socket, size)
        if data:
            self.child.identify(sender)
        return data

    def has_more(self, seconds: float) -> bool:
        """Wait for bytes of the channel. Return False as well when there were some on stderr, which are logged."""
        ready = {descriptor for descriptor, _ in self.poll.poll(seconds * 1000)}
        if self.stderr.reader in ready and not self.stderr.read():
            self.poll.unregister(self.stderr.reader)
        return self.socket.fileno() in ready
