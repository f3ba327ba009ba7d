"""Connections to Redis for events and cancel messages. Celery has its own."""

from functools import cache
from typing import Any

import redis
import redis.asyncio
import redis.asyncio.retry
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
MAX_CONNECTIONS = 10_000
"""The limit on connections. redis-py's is 100, which a site with many readers would reach."""


@cache
def sync_client() -> "redis.Redis":
    """Return the client of this process, one pool. It fails within seconds, without retries, when Redis is away."""
    return redis.Redis.from_url(
        settings.ENV.redis_url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=15,
        max_connections=MAX_CONNECTIONS,
    )


def async_client(blocking_seconds: float) -> Any:
    """Return a client for a reader that blocks up to `blocking_seconds`; its caller closes it. Without retries too."""
    return redis.asyncio.Redis.from_url(
        settings.ENV.redis_url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=blocking_seconds + ANSWER_SECONDS,
        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
    )
