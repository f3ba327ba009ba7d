"""Waits for the end of a job on the event loop, without a database connection."""

import asyncio
from contextlib import aclosing, suppress

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from gptstore.jobs.events.events import FINISHED
from gptstore.jobs.models import Job
from gptstore.jobs.wire.stream import Told, fetch, read_events


async def until_final(job: Job, seconds: float) -> Job:
    """The job as it is when it has ended, or after `seconds`."""
    await sync_to_async(close_old_connections)()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(read_events(job, None, Told())) as events:
            async for event in events:
                if event is not None and event.name == FINISHED:
                    break
    return await fetch(job.id)
