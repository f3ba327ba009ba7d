"""Serves the page on this machine alone, until somebody interrupts it."""

from __future__ import annotations

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from types import FrameType

import uvicorn

from gptstore.sdk.dev.page.app import make_app
from gptstore.sdk.dev.page.site import Site
from gptstore.sdk.dev.sandbox import Rights

HOST = "127.0.0.1"
LAST_SECONDS = 5


class PortTaken(Exception):
    """Raised when another program has the port. Another port, or none, can help."""


def open_port(port: int) -> socket.socket:
    """Return a socket that listens on this port of this machine; 0: a free one. Raises PortTaken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} can't be used ({error.strerror}): name another one, or leave --port out."
        ) from None
    return listening


def serve(
    site: Site,
    listening: socket.socket,
    *,
    started: Callable[[str], None],
    opens: bool = False,
    rights: Rights,
) -> None:
    """Serve until SIGINT or SIGTERM. started: called with the address, which has the token."""
    port: int = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    config = uvicorn.Config(
        make_app(site, token, port, rights),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    address = f"http://{HOST}:{port}/?token={token}"
    started(address)
    if opens:
        threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
    try:
        PageServer(config, site).run(sockets=[listening])
    finally:
        listening.close()
        site.close()


class PageServer(uvicorn.Server):
    """Ends the streams of open pages at the signal that ends it: they would last."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self._studio = site

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._studio.stop()
        super().handle_exit(sig, frame)
