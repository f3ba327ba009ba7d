"""Fixtures that start the real services a test names."""

import os
from collections.abc import Iterator

import pytest

from tests.services.redis import RedisServer


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    server = RedisServer(os.environ["GPTSTORE_REDIS_URL"])
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """A running Redis with nothing in it."""
    if redis_process.process is None or redis_process.process.poll() is not None:
        redis_process.start()
    redis_process.client.flushall()
    return redis_process
