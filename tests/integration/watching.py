"""Reading what the jobs of a worker said."""

from collections.abc import Callable

from gptstore.catalog.models import Tool
from gptstore.jobs.events.events import Event, stream_key
from gptstore.jobs.models import Job
from harness.redis import RedisServer

Installed = Callable[[str], Tool]


def events(redis: RedisServer, job: Job) -> list[Event]:
    return [Event.decode(entry, fields) for entry, fields in redis.client.xrange(stream_key(job.id))]
