"""Clients that write HTTP by hand, to a real uvicorn."""

import socket
from contextlib import suppress
from typing import Self

CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


class RawClient:
    """One connection. What it sends is nobody's idea of a request but the test's."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)

    def send(self, *parts: bytes) -> Self:
        for part in parts:
            self.socket.sendall(part)
        return self

    def send_chunks(self, most: int) -> int:
        """Send chunks of a body until the server closes the connection. Return how many bytes went out."""
        sent = 0
        with suppress(OSError):
            while sent < most:
                self.socket.sendall(CHUNK)
                sent += len(CHUNK)
        return sent

    def read(self) -> bytes:
        """Return everything that the server sends until it closes the connection."""
        received = b""
        with suppress(ConnectionResetError):
            while part := self.socket.recv(65536):
                received += part
        return received

    def read_answer(self) -> bytes:
        """Return what came until the end of the headers, with whatever came along."""
        received = b""
        while b"\r\n\r\n" not in received:
            part = self.socket.recv(65536)
            assert part, received
            received += part
        return received

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()


def head(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def status_of(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer.split(maxsplit=2)[1])
