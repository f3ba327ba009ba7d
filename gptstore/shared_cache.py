"""The cache that all processes of the site share in Redis. It counts what rate limits allow; nothing else is in it."""

import json
import time
from functools import cache
from threading import Lock
from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
"""How long a request waits for Redis; then it counts in this process."""

AWAY_SECONDS = 5.0
"""How long Redis is left alone once it has not answered. Then one request tries it again."""

MEND = "Start Redis again, or correct GPTSTORE_REDIS_URL. Until then each web process counts on its own."


class SharedCache(BaseCache):
    """Counts in Redis, and in this process while Redis is away: no request fails or hangs because of it."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.location = location

    @property
    def store(self) -> "Store":
        return store(self.location)

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self.store.ask("add", key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self.store.ask("get", key, default, version)

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self.store.ask("set", key, value, timeout, version)

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self.store.ask("touch", key, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self.store.ask("delete", key, version)

    def clear(self) -> None:
        """Forget what this process counted. Redis is not emptied: it holds the events of jobs, too."""
        self.store.local.clear()


class Store:
    """The two places to count in, and which of them is used now. Django makes a SharedCache for each thread."""

    def __init__(self, location: str) -> None:
        options = {
            "serializer": JsonSerializer,
            "socket_connect_timeout": ANSWER_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        self.redis = RedisCache([location], {"KEY_PREFIX": "gptstore", "OPTIONS": options})
        self.local = LocMemCache(location, {"OPTIONS": {"MAX_ENTRIES": 100_000}})
        self.lock = Lock()
        self.away_until = 0.0

    def ask(self, operation: str, *values: Any) -> Any:
        if self.may_ask_redis():
            try:
                answer = getattr(self.redis, operation)(*values)
            except (RedisError, ValueError) as error:
                self.note_away(error)
            else:
                self.note_back()
                return answer
        return getattr(self.local, operation)(*values)

    def may_ask_redis(self) -> bool:
        """Return whether this request asks Redis: while it is away, one in AWAY_SECONDS, so that no other waits."""
        with self.lock:
            now = time.monotonic()
            if now < self.away_until:
                return False
            if self.away_until:
                self.away_until = now + AWAY_SECONDS
            return True

    def note_away(self, error: Exception) -> None:
        with self.lock:
            known, self.away_until = self.away_until, time.monotonic() + AWAY_SECONDS
        if not known:
            log.warning("rate_limits_not_shared", error=str(error), mend=MEND)

    def note_back(self) -> None:
        with self.lock:
            was_away, self.away_until = self.away_until, 0.0
        if was_away:
            log.info("rate_limits_shared")


class JsonSerializer:
    """Writes values as JSON. Django's own pickles them, so that whoever can write to Redis could run code here."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, text: bytes) -> Any:
        return json.loads(text)


store = cache(Store)
"""Return the one store of this process for a location."""
