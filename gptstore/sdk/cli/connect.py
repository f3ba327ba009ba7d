"""Opens the connection that a command asks for."""

from __future__ import annotations

from functools import partial

from gptstore.sdk.cli.api_keys import VARIABLE, find_key
from gptstore.sdk.cli.errors import StoreError
from gptstore.sdk.cli.servers import Server, Servers
from gptstore.sdk.cli.store_client import Store


def connect(server: str | None, *, allow_http: bool) -> Store:
    """Return a connection to the store of this address, or to the default one. Raises CommandError.

    Its key is looked up when something needs one: anybody may read the catalogue.
    """
    chosen = Servers().choose(server, allow_http=allow_http)
    return Store(chosen.url, partial(need_key, chosen))


def need_key(server: Server) -> str:
    """Return the key for a store. Raises StoreError when there is none."""
    key = find_key(server)
    if key is None:
        raise StoreError(
            f"You are not logged in to {server.url}. Log in, or set {VARIABLE}:  gptstore login --server {server.url}"
        )
    return key
