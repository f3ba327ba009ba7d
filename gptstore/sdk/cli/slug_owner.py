"""Asks a store whose a slug is, over GET /api/v1/tools, which everybody may read."""

from __future__ import annotations

import json
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from gptstore.sdk.cli.errors import StoreError, UsageError

SECONDS = 10
NOT_FOUND = 404


def find_owner(server: str, slug: str) -> str | None:
    """Return the package whose tool has the slug in the store's catalogue, None where it is free. Raises StoreError."""
    if urlsplit(server).scheme not in ("http", "https"):
        raise UsageError(f"{server!r} is no address of a store: give one such as https://store.example.")
    address = f"{server.rstrip('/')}/api/v1/tools/{slug}"
    try:
        with urlopen(address, timeout=SECONDS) as response:  # noqa: S310 - the scheme is checked
            return str(json.load(response)["plugin"])
    except HTTPError as error:
        if error.code == NOT_FOUND:
            return None
        raise StoreError(f"The store at {server} answered with status {error.code}: try again later.") from None
    except (URLError, OSError, ValueError, KeyError) as error:
        reason = getattr(error, "reason", error)
        raise StoreError(f"There is no store at {server} ({reason}): is the address right?") from None
