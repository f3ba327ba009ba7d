"""Waiting for a worker, and reading what its jobs said."""

import time
from collections.abc import Callable

from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import Event, stream_key
from gptstore.jobs.models import Job
from tests.services.redis import RedisServer

Installed = Callable[[str], Tool]


def until(reached: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def events(redis: RedisServer, job: Job) -> list[Event]:
    return [Event.decode(entry, fields) for entry, fields in redis.client.xrange(stream_key(job.id))]
