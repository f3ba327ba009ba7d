"""Notes what a run reaches, by Python's audit events: connections, files that it writes, programs that it starts.

The events: https://docs.python.org/3/library/audit_events.html. Code that is not Python's own, such as a library in C
that opens a socket itself, raises none; nor does a program that was started.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from typing import Any

MAX_NOTED = 50
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.mkdir": 0, "os.rename": 1, "os.remove": 0, "os.rmdir": 0, "os.link": 1, "os.symlink": 1}
"""Events that change a folder, and which argument is the path."""

_STARTS = frozenset({"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"})
_DEVICES = ("/dev/", "/proc/")


class AuditHook:
    """Notes what is reached from `begin` on. folder: the run's own, in which it may write. It cannot be taken away."""

    def __init__(self, folder: str) -> None:
        self.hosts: dict[str, None] = {}
        self.written: dict[str, None] = {}
        self.programs: dict[str, None] = {}
        self._folder = os.path.join(os.path.realpath(folder), "")
        self._names: dict[str, str] = {}
        self._is_on = False

    def install(self) -> None:
        """Begin to listen, and learn which name had which address: a connection is to an address."""
        sys.addaudithook(self._hear)
        socket.getaddrinfo = self._naming(socket.getaddrinfo)

    def begin(self) -> None:
        self._is_on = True

    def end(self) -> None:
        self._is_on = False

    def _naming(self, look_up: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
            found = look_up(host, port, *args, **options)
            name = _as_text(host)
            self._names.update({entry[4][0]: name for entry in found if name and entry[4][0] != name})
            return found

        return getaddrinfo

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._note_address(arguments[1])
        elif event == "socket.getaddrinfo":
            self._note_name(arguments[0], arguments[1])
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            self._note_file(arguments[0])
        elif event in _CHANGES:
            self._note_file(arguments[_CHANGES[event]])
        elif event in _STARTS:
            command = arguments[0] if arguments else None
            _note(self.programs, _as_text(command) or event.removeprefix("os."))

    def _note_address(self, address: Any) -> None:
        if isinstance(address, tuple) and len(address) >= 2:
            host = _as_text(address[0])
            _note(self.hosts, _with_port(self._names.get(host, host), address[1]))
        elif isinstance(address, str | bytes):
            _note(self.hosts, f"unix:{_as_text(address)}")

    def _note_name(self, host: Any, port: Any) -> None:
        """Note a name that was looked up: it counts although no address may be found here."""
        if (name := _as_text(host)) and not name.replace(".", "").isdigit() and ":" not in name:
            _note(self.hosts, _with_port(name, port))

    def _note_file(self, path: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        whole = os.path.realpath(_as_text(path))
        if not whole.startswith((self._folder, *_DEVICES)) and os.path.join(whole, "") != self._folder:
            _note(self.written, whole)


def _note(kept: dict[str, None], text: str) -> None:
    if len(kept) < MAX_NOTED:
        kept[text] = None


def _as_text(value: Any) -> str:
    try:
        return os.fsdecode(value)
    except TypeError:
        return ""


def _with_port(host: str, port: Any) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port not in (None, "", 0) else shown
