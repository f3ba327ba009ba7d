"""Frames the messages between the web process and the one that renders: four bytes of length, then JSON."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import asdict, dataclass
from typing import Any

HEADER_BYTES = 4


@dataclass(frozen=True)
class RenderRequest:
    """One text to render, of the kind `OutputKind`."""

    kind: str
    text: str
    language: str = ""


def send_request(connection: socket.socket, request: RenderRequest, seconds: float) -> None:
    send_json(connection, asdict(request), seconds)


def receive_request(connection: socket.socket) -> RenderRequest:
    """Wait for the next request. Raises EOFError when the other side has gone away."""
    return RenderRequest(**receive_json(connection, None))


def send_json(connection: socket.socket, value: Any, seconds: float | None) -> None:
    """Send it whole. Raises TimeoutError after `seconds`, OSError when the other side has gone away."""
    data = json.dumps(value).encode("ascii")
    connection.settimeout(seconds)
    connection.sendall(len(data).to_bytes(HEADER_BYTES) + data)


def receive_json(connection: socket.socket, seconds: float | None) -> Any:
    """Raise TimeoutError after `seconds` (None: wait), EOFError when the other side has gone away."""
    deadline = None if seconds is None else time.monotonic() + seconds
    length = int.from_bytes(receive_bytes(connection, HEADER_BYTES, deadline))
    return json.loads(receive_bytes(connection, length, deadline))


def receive_bytes(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        if deadline is not None:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(min(length - len(received), 1 << 20))
        if not part:
            raise EOFError
        received += part
    return bytes(received)
