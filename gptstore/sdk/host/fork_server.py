"""A fork server: imports a plugin once, and forks a child for each job. Has one thread, so that a fork is safe."""

from __future__ import annotations

import os
import select
import signal
import socket
from contextlib import suppress
from typing import NoReturn

from gptstore.sdk.host import seal
from gptstore.sdk.host.channel import MAX_INPUT, Channel
from gptstore.sdk.host.control import Ended, Fork, receive_order, send
from gptstore.sdk.host.job import run_job
from gptstore.sdk.host.messages import Hello, to_child
from gptstore.sdk.plugins import Loaded

STDERR = 2


class ForkServer:
    """Serves the jobs of one plugin until the worker closes `control`."""

    def __init__(self, control: socket.socket, plugins: Loaded) -> None:
        self.control = control
        self.plugins = plugins
        self.children: dict[int, int] = {}
        self.woken, self.waker = socket.socketpair()
        self.woken.setblocking(False)
        self.waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self.woken.fileno() in ready:
                self.reap()
            if self.control.fileno() in ready and not self.obey():
                return

    def obey(self) -> bool:
        """Carry out the next order. Return False when the worker has closed."""
        order, descriptors = receive_order(self.control)
        if order is not None:
            self.fork(order, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return order is not None

    def fork(self, order: Fork, descriptors: list[int]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.become_child(order, descriptors, parent)
        self.children[pid] = order.number

    def become_child(self, order: Fork, descriptors: list[int], parent: int) -> NoReturn:
        status = 1
        try:
            seal.die_with(parent)
            descriptor, stderr, *rulesets = descriptors
            channel = Channel(socket.socket(fileno=descriptor), to_child, max_received=MAX_INPUT)
            channel.send(Hello())
            forget_parent(self.control, self.woken, self.waker)
            os.dup2(stderr, STDERR)
            os.close(stderr)
            os.chdir(order.scratch)
            os.environ["HOME"] = os.environ["TMPDIR"] = order.scratch
            put_seal_on(order, rulesets)
            run_job(channel, self.plugins)
            status = 0
        finally:
            os._exit(status)  # whatever threads or handlers for its end the plugin has

    def reap(self) -> None:
        with suppress(BlockingIOError):
            while self.woken.recv(4096):
                pass
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                pid, status = ended
                if (number := self.children.pop(pid, None)) is not None:
                    send(self.control, Ended(number=number, status=os.waitstatus_to_exitcode(status)))


def forget_parent(*sockets: socket.socket) -> None:
    """Give the child a session of its own, and close its parent's sockets."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for one in sockets:
        one.close()
    os.setsid()


def put_seal_on(order: Fork, rulesets: list[int]) -> None:
    for ruleset in rulesets:
        seal.restrict_files(ruleset)
        os.close(ruleset)
    if order.memory:
        seal.restrict_memory(order.memory)
    if order.file_size:
        seal.restrict_file_size(order.file_size)
    if order.cpu_seconds:
        seal.restrict_computing(order.cpu_seconds)
    if order.seal:
        seal.restrict_calls(bytes.fromhex(order.seal))
