"""A connection that breaks when a test wants it: a TCP proxy before the store."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread


class CuttingProxy:
    """Passes bytes on. lose_responses: answers of the store are received and thrown away, and the connection is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.lose_responses = 0
        self.lost = Event()
        self.connections: list[socket.socket] = []
        self.lock = Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.thread = Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            with self.lock:
                self.connections += [near, far]
            Thread(target=self.pass_requests, args=(near, far), daemon=True).start()
            Thread(target=self.pass_responses, args=(far, near), daemon=True).start()

    def pass_requests(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                self.requests.append(data)
                far.sendall(data)
        close(far)

    def pass_responses(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if self.lose_responses and b"HTTP/1.1 202" in data:
                    self.lose_responses -= 1
                    self.lost.set()
                    break
                near.sendall(data)
        close(near)
        close(far)

    def cut(self) -> None:
        """Break every connection that is open."""
        with self.lock:
            for connection in self.connections:
                close(connection)
            self.connections.clear()

    def heads(self, text: str) -> list[str]:
        """Return the requests that hold a text."""
        return [data.decode(errors="replace") for data in self.requests if text.encode() in data]


def close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def cutting_proxy(target: int) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target)
    try:
        yield proxy
    finally:
        proxy.listener.close()
        proxy.cut()
