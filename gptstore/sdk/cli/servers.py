"""The stores that somebody logged in to. Their keys are elsewhere: `keys`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gptstore.sdk.cli.errors import UsageError
from gptstore.sdk.cli.private_file import config_folder, read_json, write_json
from gptstore.sdk.cli.store_address import read_address


@dataclass(frozen=True)
class Server:
    """One store. storage: where its key is, "keyring" or "file". allow_http: it may be reached unencrypted."""

    url: str
    storage: str = "keyring"
    allow_http: bool = False


class Servers:
    """The known stores, of which one is the default."""

    def __init__(self) -> None:
        found = read_json(self.path)
        self.default: str | None = found.get("default")
        self._known = {
            url: Server(url, str(details.get("storage", "keyring")), bool(details.get("allow_http")))
            for url, details in found.get("servers", {}).items()
        }

    @property
    def path(self) -> Path:
        return config_folder() / "servers.json"

    def __iter__(self) -> Iterator[Server]:
        return iter(self._known.values())

    def find(self, url: str) -> Server | None:
        return self._known.get(url)

    def choose(self, text: str | None, *, allow_http: bool = False) -> Server:
        """Return the store of this address, else of GPTSTORE_SERVER, else the default one. Raises UsageError."""
        text = text or named_server()
        if text is None:
            if self.default is None:
                raise UsageError("No store is known here. Log in to one:  gptstore login --server URL")
            return self._known.get(self.default) or Server(self.default)
        url = read_address(text, allow_http=True)
        known = self.find(url)
        read_address(url, allow_http=allow_http or http_is_allowed() or bool(known and known.allow_http))
        return known or Server(url)

    def add(self, server: Server) -> None:
        """Keep a store, which becomes the default."""
        self._known[server.url] = server
        self.default = server.url
        self._write()

    def remove(self, server: Server) -> None:
        """Forget a store. Of those that are left, the one that was added last becomes the default."""
        self._known.pop(server.url, None)
        if self.default == server.url:
            self.default = next(reversed(self._known), None)
        self._write()

    def _write(self) -> None:
        servers = {}
        for server in self._known.values():
            details = asdict(server)
            servers[details.pop("url")] = details
        write_json(self.path, {"default": self.default, "servers": servers})


def named_server() -> str | None:
    """Return the address that the environment names."""
    return os.environ.get("GPTSTORE_SERVER") or None


def http_is_allowed() -> bool:
    """Return whether the environment says what `--allow-http` says."""
    return os.environ.get("GPTSTORE_ALLOW_HTTP", "").lower() in ("1", "true", "yes")
