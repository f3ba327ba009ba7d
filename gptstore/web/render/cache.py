"""Keeps rendered HTML: in this process, up to a number of bytes, and in Redis for all web processes.

Redis is a convenience here too: without it each process renders once for itself. What comes from Redis is signed with
the store's key, since others may reach a Redis and nobody but us may write HTML into a page.
"""

import base64
import threading
import time
import zlib
from collections import OrderedDict

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from redis import RedisError

from gptstore.jobs.redis import sync_client

MAX_BYTES = 32_000_000
SALT = "gptstore.web.render"
AWAY_SECONDS = 5.0
"""For so long after a failure Redis is not asked: a page shall wait for it once at most."""


class LocalCache:
    """HTML by keys, the least recently used dropped first. Safe for threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    def read(self, key: str) -> str | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def write(self, key: str, html: str) -> None:
        with self._lock:
            self._size += size_of(html) - size_of(self._kept.pop(key, ""))
            self._kept[key] = html
            while self._size > self._max_bytes:
                self._size -= size_of(self._kept.popitem(last=False)[1])


class SharedCache:
    """HTML by keys in Redis, for as long as the events of a job are kept there. Never raises."""

    def __init__(self) -> None:
        self._away_until = 0.0

    def read(self, key: str) -> str | None:
        if self._is_away():
            return None
        try:
            return verified(key, sync_client().get(redis_key(key)) or "")  # type: ignore[arg-type]
        except RedisError:
            self._note_failure()
            return None

    def write(self, key: str, html: str) -> None:
        if self._is_away():
            return
        try:
            sync_client().set(redis_key(key), signed(key, html), ex=settings.ENV.event_ttl_seconds)
        except RedisError:
            self._note_failure()

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _note_failure(self) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS


def size_of(html: str) -> int:
    """Return an estimate of the bytes that it takes, without counting them."""
    return 2 * len(html)


def redis_key(key: str) -> str:
    return f"gptstore:html:{key}"


def signed(key: str, html: str) -> str:
    packed = base64.b64encode(zlib.compress(html.encode("utf-8", "surrogatepass"), 1)).decode("ascii")
    return f"{signature(key, packed)}:{packed}"


def verified(key: str, value: str) -> str | None:
    """Return the HTML; None where it is not ours for this key."""
    mac, _, packed = value.partition(":")
    if not constant_time_compare(mac, signature(key, packed)):
        return None
    return zlib.decompress(base64.b64decode(packed)).decode("utf-8", "surrogatepass")


def signature(key: str, packed: str) -> str:
    return salted_hmac(SALT, f"{key}:{packed}", algorithm="sha256").hexdigest()
