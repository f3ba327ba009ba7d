"""Runs the process that renders, and kills it when a text takes too long: no thread of this process could be."""

from __future__ import annotations

import atexit
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gptstore.sdk.render.errors import RenderBusy, RenderFailed
from gptstore.sdk.render.messages import RenderRequest, receive_json, send_request

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "gptstore.sdk.render")
SOURCES = Path(__file__).parents[3]
"""The folder that has the package: it need not be installed."""

DEADLINE_SECONDS = 15.0
"""The process stops itself after less processor time, so that this is for what it can't stop, and for busy machines."""
WAIT_SECONDS = 3.0
PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""The variables that it gets. Secrets are not among them."""


class RenderProcess:
    """One process, started when it is first needed, and again after it died. A thread uses it in its turn."""

    def __init__(self, command: tuple[str, ...] = COMMAND, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._command = command
        self._deadline_seconds = deadline_seconds
        self._turn = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep other threads away. Raises RenderBusy when they are before this one for too long."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise RenderBusy
        try:
            yield
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the process, if there is one; the next text starts it again."""
        with self._turn:
            self._end()

    def render(self, request: RenderRequest) -> str:
        """Return HTML. Raises RenderFailed when the text kills the process, or takes too long.

        A process that was gone is asked once more: the text is not to blame for what killed it before.
        """
        deadline = time.monotonic() + self._deadline_seconds
        for _ in range(2):
            try:
                return self._ask(request, deadline)
            except (OSError, EOFError) as error:  # TimeoutError is an OSError
                self._end()
                log.warning("render_failed: %s, %d characters: %r", request.kind, len(request.text), error)
                if isinstance(error, TimeoutError):
                    break
        raise RenderFailed

    def _ask(self, request: RenderRequest, deadline: float) -> str:
        connection = self._connection or self._start()
        send_request(connection, request, max(0.001, deadline - time.monotonic()))
        html: str = receive_json(connection, deadline - time.monotonic())
        return html

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._connection = ours
        with theirs:
            self._popen = subprocess.Popen(
                self._command, cwd=SOURCES, env=environment, stdin=theirs.fileno(), stdout=subprocess.DEVNULL
            )
        atexit.register(self.stop)
        return ours

    def _end(self) -> None:
        atexit.unregister(self.stop)
        if self._connection:
            self._connection.close()
        if self._popen:
            self._popen.kill()
            self._popen.wait()
        self._connection = self._popen = None
