"""The settings of the demo, and those that follow from them: the port, the address, the processes' variables."""

import argparse
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from gptstore.demo.credentials import secret_key
from gptstore.demo.errors import NoFreePort
from gptstore.demo.paths import Paths

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (only compared with)
REPLACED = ("GPTSTORE_DATABASE_URL", "GPTSTORE_DEBUG", "GPTSTORE_HTTPS", "GPTSTORE_TRUSTED_ORIGINS")
EPILOG = """\
Everything is kept in the folder var/ (or GPTSTORE_VAR), so that a second start keeps accounts and runs.
var/demo.json (readable by you alone) holds url, username, password, api_key, the process ids,
and how `gptstore install` reaches this store.
Other settings, such as GPTSTORE_DEVICE, are taken from the environment: see docs/settings.md.

Ctrl-C or TERM stops everything and ends with status 0; a failed start ends with status 1.
"""


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    model: str
    paths: Paths


def parse_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m gptstore.demo",
        description="Runs the whole store on this machine: Redis, web server, one worker.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port_number, default=8000, help="port; if taken, the next free one (8000)")
    parser.add_argument("--model", default="", help="Hugging Face hub id or folder (default: the bundled demo model)")
    given = parser.parse_args(arguments)
    return Options(given.host, given.port, given.model, Paths.from_environment())


def port_number(text: str) -> int:
    if text.isdecimal() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 (any free one) to 65535")


def free_port(host: str, wanted: int, attempts: int = 100) -> int:
    """Return `wanted`, or the next free port after it; 0 takes any. Raises NoFreePort."""
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


def environment(options: Options, redis_socket: Path) -> dict[str, str]:
    """Return the variables for the demo's processes.

    They are the person's own, but never their real database, address or debug mode: the demo makes an admin.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in REPLACED}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "gptstore.settings",
        "PYTHONUNBUFFERED": "1",
        "GPTSTORE_SECRET_KEY": secret_key(options.paths),
        "GPTSTORE_VAR": str(options.paths.var),
        "GPTSTORE_RELEASES": str(options.paths.releases),
        "GPTSTORE_REDIS_URL": f"unix://{redis_socket}?db=0",
        "GPTSTORE_ALLOWED_HOSTS": allowed_hosts(options.host),
        **({"GPTSTORE_MODEL": options.model} if options.model else {}),
    }


def allowed_hosts(host: str) -> str:
    if host in EVERYWHERE:
        return "*"
    return ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", bracketed(host)]))


def address(host: str, port: int) -> str:
    """Return where a browser on this machine finds the store."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{bracketed(reachable)}:{port}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
