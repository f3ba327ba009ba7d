"""Fixtures that start the real services a test names, and the rows that most tests begin with."""

import gc
import os
import signal
from collections.abc import Callable, Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from hypothesis import HealthCheck, settings

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.models import Job
from gptstore.jobs.sender import sender
from harness import rows
from harness.redis import RedisServer
from harness.rows import make_tool, make_user

# A shell starts what runs in its background with SIGINT ignored, which the processes of tests would inherit.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of the machine's load than of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """What the imports made is there to stay: to search it for garbage is most of the work of many a test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    server = RedisServer(os.environ["GPTSTORE_REDIS_URL"])
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """A running Redis with nothing in it."""
    redis_process.ensure()
    redis_process.client.flushall()
    return redis_process


@pytest.fixture(autouse=True)
def all_sent() -> Iterator[None]:
    """No message of one test is received in the next."""
    yield
    if sender.cache_info().currsize:
        sender().wanted.join()


@pytest.fixture(autouse=True)
def async_connections_closed() -> Iterator[None]:
    """Of the thread in which async tests reach the database, which outlives them. PostgreSQL drops none in use."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def owner(db: None) -> User:
    return make_user("ada")


@pytest.fixture
def echo(db: None) -> Tool:
    return make_tool("echo", summary="Says a text again.", output="markdown", version="1.0")


@pytest.fixture
def make_job(owner: User, echo: Tool) -> Callable[..., Job]:
    """A queued job of the tool `echo`."""

    def make(text: str = "hello", **values: object) -> Job:
        return rows.make_job(**{"owner": owner, "tool": echo, "input": {"text": text}, **values})

    return make
