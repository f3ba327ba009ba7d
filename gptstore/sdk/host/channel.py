"""Messages over a socket: each is its length in four bytes, and then that many bytes of JSON."""

from __future__ import annotations

import select
import socket
from threading import Lock
from typing import Any

from pydantic import TypeAdapter

from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.host.messages import HostMessage, decode, encode

LONGEST = 4_000_000
"""Bytes of a message at most. The site takes no input that would be longer (`gptstore.catalog.sizes`)."""

MAX_INPUT = 8_000_000
"""Bytes of a message to a child at most: its input may have files in it."""

_HEAD = 4
_CHUNK = 65_536


class Channel:
    """One end of a channel. Many threads may send; one receives.

    Raises BadMessage when the other end sends no valid message, and OSError when it is gone.
    """

    def __init__(
        self, end: socket.socket, kinds: TypeAdapter[Any], *, max_sent: int = LONGEST, max_received: int = LONGEST
    ) -> None:
        self.socket = end
        self.kinds = kinds
        self.max_sent, self.max_received = max_sent, max_received
        self.received = bytearray()
        self.sending = Lock()
        self.poll = select.poll()  # `select.select` takes no descriptor above 1023
        self.poll.register(end, select.POLLIN)

    def send(self, message: HostMessage) -> None:
        data = encode(message)
        if len(data) > self.max_sent:
            raise BadMessage(f"a message of {len(data)} bytes is too long: {self.max_sent} is the most")
        with self.sending:
            self.write(len(data).to_bytes(_HEAD, "big") + data)

    def receive(self, seconds: float | None = None) -> Any:
        """Return the next message; None when none came in time. Raises EOFError when the other end has closed."""
        while (message := self.take()) is None:
            if seconds is not None and not self.has_more(seconds):
                return None
            data = self.read(_CHUNK)
            if not data:
                raise EOFError("the other end has closed")
            self.received += data
        return message

    def write(self, data: bytes) -> None:
        """Send all of it, however long the other end takes to read."""
        self.socket.sendall(data)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Descriptors that come along are closed by the kernel, since none are asked for."""
        return self.socket.recv(size)

    def has_more(self, seconds: float) -> bool:
        return bool(self.poll.poll(seconds * 1000))

    def take(self) -> Any:
        """Take the next message out of the received bytes; None when there is no whole one."""
        if len(self.received) < _HEAD:
            return None
        length = int.from_bytes(self.received[:_HEAD], "big")
        if length > self.max_received:
            raise BadMessage(f"a message of {length} bytes is announced: {self.max_received} is the most")
        end = _HEAD + length
        if len(self.received) < end:
            return None
        data = bytes(self.received[_HEAD:end])
        del self.received[:end]
        return decode(self.kinds, data)

    def close(self) -> None:
        self.socket.close()
