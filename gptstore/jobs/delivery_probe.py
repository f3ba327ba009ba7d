"""A sign in Redis that workers hear messages: when one of them took the last one."""

import time
from contextlib import suppress
from typing import Any

from redis import RedisError

from gptstore.jobs.redis import sync_client

KEY = "gptstore:canary"


def mark_received() -> None:
    """Called by a worker for each message that it takes. A Redis that is away is no reason to stop."""
    with suppress(RedisError):
        sync_client().set(KEY, repr(time.time()))


def last_received() -> str | None:
    """Seconds since 1970, as a text. Raises RedisError."""
    said: Any = sync_client().get(KEY)
    return said
