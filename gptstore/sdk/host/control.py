"""The messages between a worker and a plugin's host (a fork server): one JSON text a packet.

Only the worker's orders come with descriptors. It receives none: how it reads a host's reports is its own matter.
"""

from __future__ import annotations

import socket
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gptstore.sdk.host.messages import KEEPS_NAMES_ONLY, HostMessage, decode, encode

LONGEST = 60_000
MAX_DESCRIPTORS = 3


class Fork(HostMessage):
    """To the host: start a job's child, with its end of the channel, its stderr and, if there is Landlock, its rules.

    scratch: its folder, where it may write. cpu_seconds, memory, file_size: its limits of processor time, of bytes of
    address space, with those of the host that it begins with, and of bytes of one file; 0: as much as the host.
    seal: a seccomp program in hexadecimal digits, which it installs before it runs the tool; may be empty.
    """

    model_config = KEEPS_NAMES_ONLY

    kind: Literal["fork"] = "fork"
    number: int
    scratch: str
    cpu_seconds: int = 0
    memory: int = 0
    file_size: int = 0
    seal: str = ""


class Ready(HostMessage):
    """To the worker: the plugin was imported. `error`: why it offers no tools; `details`: the traceback.

    network: the tools that declare `network=True`. counts_denials: whether `start` may ask for that.
    """

    kind: Literal["ready"] = "ready"
    version: int
    tools: list[str]
    network: list[str] = []
    error: str = ""
    details: str = ""
    counts_denials: bool = False


class Ended(HostMessage):
    """To the worker: this child has ended. status: its exit status; below 0 the signal that ended it.

    The worker watches the process itself and only words its error by this.
    """

    kind: Literal["ended"] = "ended"
    number: int
    status: int


to_host: TypeAdapter[Any] = TypeAdapter(Fork)
to_supervisor: TypeAdapter[Any] = TypeAdapter(
    Annotated[Ready | Ended, Field(discriminator="kind")], config=KEEPS_NAMES_ONLY
)


def send(control: socket.socket, message: HostMessage, descriptors: list[int] | None = None) -> None:
    socket.send_fds(control, [encode(message)], descriptors or [])


def receive_order(control: socket.socket) -> tuple[Fork | None, list[int]]:
    """Return the worker's next order and the descriptors that came with it; None when the worker has closed.

    Raises BadMessage.
    """
    data, descriptors, _, _ = socket.recv_fds(control, LONGEST, MAX_DESCRIPTORS)
    return (decode(to_host, data) if data else None), descriptors


def read_report(data: bytes) -> Ready | Ended:
    """Read a host's message. Raises BadMessage."""
    report: Ready | Ended = decode(to_supervisor, data)
    return report
