"""The variables that the demo's processes are started with."""

import os
from pathlib import Path

from gptstore.demo.credentials import secret_key
from gptstore.demo.options import Options

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (only compared with)


def environment(options: Options, redis_socket: Path) -> dict[str, str]:
    """The person's own variables, but never their real database, address or debug mode: the demo makes an admin."""
    inherited = {name: value for name, value in os.environ.items() if name not in REPLACED}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "gptstore.settings",
        "PYTHONUNBUFFERED": "1",
        "GPTSTORE_SECRET_KEY": secret_key(options.place),
        "GPTSTORE_VAR": str(options.place.var),
        "GPTSTORE_REDIS_URL": f"unix://{redis_socket}?db=0",
        "GPTSTORE_ALLOWED_HOSTS": allowed_hosts(options.host),
        **({"GPTSTORE_MODEL": options.model} if options.model else {}),
    }


REPLACED = ("GPTSTORE_DATABASE_URL", "GPTSTORE_DEBUG", "GPTSTORE_HTTPS", "GPTSTORE_TRUSTED_ORIGINS")


def allowed_hosts(host: str) -> str:
    if host in EVERYWHERE:
        return "*"
    return ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", bracketed(host)]))


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the store."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{bracketed(reachable)}:{port}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
