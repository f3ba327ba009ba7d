"""Runs a command in a network without any route, and writes down each name that it looks up.

    unshare --net --mount python -m harness.offline FILE COMMAND…

It needs root on Linux. The only interface is the loopback of a network namespace of its own, and the only name server
listens there and answers nothing: it adds each name to FILE. `CONTROL` is looked up first, which shows that it does.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

CONTROL = "control.example"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
RESOLV_CONF = "/etc/resolv.conf"
OPTIONS = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"


def command_without_network(names: Path) -> list[str]:
    """Return the command that runs the command after it so. names: the file for the names that are looked up."""
    return ["unshare", "--net", "--mount", sys.executable, "-m", "harness.offline", str(names)]


def is_possible() -> bool:
    """Return whether this machine lets us have namespaces."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode == 0


def main() -> None:
    names, *command = sys.argv[1:]
    raise_loopback()
    use_name_server()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    if os.fork() == 0:
        serve(server, Path(names), os.getppid())
    server.close()
    with suppress(OSError):
        socket.getaddrinfo(CONTROL, 443)
    os.execvp(command[0], command)  # noqa: S606


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        (flags,) = struct.unpack("H", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)[16:18])
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | IFF_UP, b""))


def use_name_server() -> None:
    """Have all programs of this mount namespace ask the loopback for names."""
    libc = ctypes.CDLL(None, use_errno=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(OPTIONS)
    os.chmod(file.name, 0o644)
    mounts = [(b"none", b"/", MS_REC | MS_PRIVATE), (file.name.encode(), RESOLV_CONF.encode(), MS_BIND)]
    for source, target, flags in mounts:
        if libc.mount(source, target, None, flags, None) != 0:
            raise OSError(ctypes.get_errno(), f"mount of {target!r}")
    os.unlink(file.name)


def serve(server: socket.socket, names: Path, parent: int) -> None:
    """Write down what is asked until the command has ended."""
    server.settimeout(0.5)
    with names.open("a", buffering=1) as file:
        while os.getppid() == parent:
            with suppress(TimeoutError):
                file.write(f"{name_of(server.recv(4096))}\n")
    os._exit(0)


def name_of(query: bytes) -> str:
    """Return the name in a DNS query (RFC 1035, 4.1)."""
    labels, at = [], 12
    while at < len(query) and query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    return ".".join(labels)


if __name__ == "__main__":
    main()
