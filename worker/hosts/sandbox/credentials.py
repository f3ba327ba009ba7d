"""Receives bytes together with the process that sent them, which the kernel names (SCM_CREDENTIALS, unix(7))."""

import socket
import struct
from typing import NamedTuple

UCRED = struct.Struct("iII")
ROOM = socket.CMSG_SPACE(UCRED.size)
"""Room for the sender alone: the kernel closes descriptors that come along, since there is none for them."""


class Sender(NamedTuple):
    """A sender. pid: in this process's pid namespace; 0 when it is in none that is seen from here."""

    pid: int
    user: int


NOBODY = Sender(0, -1)


def ask_for_senders(end: socket.socket) -> None:
    """Let the kernel name the sender of what arrives at this end. To be called before there is another sender."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)


def receive(end: socket.socket, size: int) -> tuple[bytes, Sender]:
    """Return up to `size` bytes and their sender; b"" when the other end has closed. Never bytes of two senders."""
    data, ancillary, _, _ = end.recvmsg(size, ROOM)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, user, _ = UCRED.unpack(content)
            return data, Sender(pid, user)
    return data, NOBODY
