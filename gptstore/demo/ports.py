"""A port that nobody listens on."""

import socket


class NoFreePort(Exception):
    """Raised when no port can be had on this address. Another host or port can help."""


def free_port(host: str, wanted: int, attempts: int = 100) -> int:
    """`wanted`, or the next free port after it; 0 takes any. Raises NoFreePort."""
    reason = "all are taken"
    for port in [wanted] if wanted == 0 else range(wanted, min(wanted + attempts, 65536)):
        try:
            return listen_briefly(host, port)
        except OSError as error:
            reason = error.strerror or str(error)
    raise NoFreePort(f"No port from {wanted} on can be used on {host}: {reason}.")


def listen_briefly(host: str, port: int) -> int:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)
        return int(listener.getsockname()[1])
