"""The messages between a worker and a plugin's host (a fork server): one JSON text a packet, some with descriptors."""

from __future__ import annotations

import socket
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gptstore.sdk.host.messages import KEEPS_NAMES_ONLY, HostMessage, decode, encode

LONGEST = 60_000
MAX_DESCRIPTORS = 4


class Fork(HostMessage):
    """To the host: start a job's child, with its end of the channel and, where there is Landlock, its rules.

    scratch: its folder, where it may write. cpu_seconds, memory: its limits of processor time, and of bytes of
    address space, with those of the host that it begins with; 0: as much as the host.
    seal: a seccomp program in hexadecimal digits, which it installs before it runs the tool; may be empty.
    """

    kind: Literal["fork"] = "fork"
    number: int
    scratch: str
    cpu_seconds: int = 0
    memory: int = 0
    seal: str = ""


class Kill(HostMessage):
    """To the host: end this child at once, if it still runs."""

    kind: Literal["kill"] = "kill"
    number: int


class Ready(HostMessage):
    """To the worker: the plugin was imported. `error`: why it offers no tools; `details`: the traceback.

    network: the tools that declare `network=True`.
    """

    kind: Literal["ready"] = "ready"
    version: int
    tools: list[str]
    network: list[str] = []
    error: str = ""
    details: str = ""


class Ended(HostMessage):
    """To the worker: this child has ended. status: its exit status; below 0 the signal that ended it."""

    kind: Literal["ended"] = "ended"
    number: int
    status: int


to_host: TypeAdapter[Any] = TypeAdapter(Annotated[Fork | Kill, Field(discriminator="kind")], config=KEEPS_NAMES_ONLY)
to_supervisor: TypeAdapter[Any] = TypeAdapter(
    Annotated[Ready | Ended, Field(discriminator="kind")], config=KEEPS_NAMES_ONLY
)


def send(control: socket.socket, message: HostMessage, descriptors: list[int] | None = None) -> None:
    socket.send_fds(control, [encode(message)], descriptors or [])


def receive(control: socket.socket, kinds: TypeAdapter[Any]) -> tuple[Any, list[int]]:
    """Return the next message and the descriptors that came with it; None when the other end has closed.

    Raises BadMessage.
    """
    data, descriptors, _, _ = socket.recv_fds(control, LONGEST, MAX_DESCRIPTORS)
    return (decode(kinds, data) if data else None), descriptors
