"""A mark in Redis that messages reach workers: the time when one of them took the last one."""

import time
from contextlib import suppress
from typing import Any

from redis import RedisError

from gptstore.jobs.redis import sync_client

KEY = "gptstore:delivery-probe"


def mark_received() -> None:
    """Note that a worker took a message; called for each. A Redis that is away is no reason to stop."""
    with suppress(RedisError):
        sync_client().set(KEY, repr(time.time()))


def last_received() -> str | None:
    """Return the time of the last message, in seconds since 1970, as a text. Raises RedisError."""
    received: Any = sync_client().get(KEY)
    return received
