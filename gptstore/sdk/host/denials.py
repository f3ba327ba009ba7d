"""Counts the calls of a run that the system denied, by kind: what this process saw of them.

An audit event (https://docs.python.org/3/library/audit_events.html) comes before its call, and has no result. So each
event has the frame of its caller traced until its next line: an exception that comes before that is the call's own.

Not noticed: calls of code that is not Python's own, of other programs, and those whose denial nobody is told of by an
exception, such as that of `os.system`. Nor files that the sandbox hides: for the process they are not there.
"""

from __future__ import annotations

import errno
import socket
import sys
from types import FrameType
from typing import Any

from gptstore.sdk.host.messages import MAX_DENIED

NETWORK, FILES, PROCESSES = "network", "files", "processes"
LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname", "socket.getnameinfo")
SEVERAL_LINES = "subprocess.Popen"
"""The event of Python code, which makes the call some lines later."""

DENIED = (errno.EPERM, errno.EACCES, errno.EROFS)

_FILE_CALLS = """
    chdir chflags chmod chown link listdir lockf mkdir remove removexattr rename rmdir scandir setxattr symlink truncate
    utime
"""
_PROCESS_CALLS = "exec fork forkpty kill killpg posix_spawn"
_SOCKET_CALLS = "__new__ bind connect sendmsg sendto"
KINDS = {
    "open": FILES,
    SEVERAL_LINES: PROCESSES,
    **{f"os.{call}": FILES for call in _FILE_CALLS.split()},
    **{f"os.{call}": PROCESSES for call in _PROCESS_CALLS.split()},
    **{f"socket.{call}": NETWORK for call in _SOCKET_CALLS.split()},
    **dict.fromkeys(LOOKUPS, NETWORK),
}
"""Audit events whose calls a sandbox may deny."""


class Denials:
    """The count, from `listen` on. It cannot be taken away, so that a process listens once, for its last work."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._is_on = False

    def listen(self) -> None:
        self._is_on = True
        sys.addaudithook(self._hear)

    def end(self) -> dict[str, int]:
        """Stop counting, and return the numbers of denied calls by kind: kinds without any are left out."""
        self._is_on = False
        return dict(sorted(self.counts.items()))

    def _hear(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if self._is_on and event in KINDS and sys.gettrace() is None:
            _Call(self, event, sys._getframe(1)).trace()

    def note(self, event: str, error: BaseException) -> None:
        if is_denial(event, error):
            kind = KINDS[event]
            self.counts[kind] = min(MAX_DENIED, self.counts.get(kind, 0) + 1)


class _Call:
    """A call that is about to be made, traced in the frame of its caller."""

    def __init__(self, denials: Denials, event: str, frame: FrameType) -> None:
        self._denials = denials
        self._event = event
        self._frame = frame

    def trace(self) -> None:
        self._frame.f_trace = self._on_event
        sys.settrace(self._on_frame)

    def _on_frame(self, _frame: FrameType, _event: str, _argument: Any) -> None:
        """Leave the frames alone that begin meanwhile."""

    def _on_event(self, _frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and self._event == SEVERAL_LINES:
            return self._on_event
        sys.settrace(None)
        self._frame.f_trace = None
        if event == "exception":
            self._denials.note(self._event, argument[1])
        return None


def is_denial(event: str, error: BaseException) -> bool:
    """Return whether the system denied a call. A name's lookup just fails, where there may be no sockets."""
    if isinstance(error, socket.gaierror | socket.herror):
        return event in LOOKUPS and not may_make_sockets()
    return isinstance(error, OSError) and error.errno in DENIED


def may_make_sockets() -> bool:
    try:
        socket.socket().close()
    except PermissionError:
        return False
    return True
