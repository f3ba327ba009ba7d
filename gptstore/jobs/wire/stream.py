"""Reads a job's events, resumable with the id of the last one that a reader has.

While the job runs, events come from its Redis stream; when it has ended, from its row. A reader that resumes from an
event that Redis no longer has is sent `reset` and then everything. That `reset` has an id which no stream has: a
reader who is cut off right after it has dropped its text, and can't resume where it was before.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from redis import RedisError

from gptstore.jobs.events.events import FINISHED, OUTPUT, RESET, STARTED, Event, LatestAttempt, stream_key
from gptstore.jobs.logprobs import decode_logprobs, output_data
from gptstore.jobs.models import Job
from gptstore.jobs.redis import async_client
from gptstore.outage import AWAY

PING_SECONDS = 10.0
AWAY_SECONDS = 1.0
LAST_READ_SECONDS = 0.2
REPLAYED = "row"
START_AGAIN = Event(RESET, id=REPLAYED)


@dataclass
class Delivered:
    """Counts the output sent to a reader. characters: of output, since the last `reset`."""

    characters: int = 0
    latest: LatestAttempt = field(default_factory=LatestAttempt)

    def count(self, event: Event) -> None:
        if event.name == RESET:
            self.characters = 0
        elif event.name == OUTPUT:
            self.characters += len(event.data["text"])


async def read_events(job: Job, last_event_id: str | None, delivered: Delivered) -> AsyncGenerator[Event | None]:
    """Yield events until `finished`; None each time nothing came for `PING_SECONDS`.

    delivered: takes what the reader had before, when it resumes. Raises Job.DoesNotExist when the job is deleted.
    """
    redis = async_client(PING_SECONDS)
    try:
        cursor = await find_cursor(redis, job, last_event_id, delivered)
        if cursor is None and last_event_id:
            yield START_AGAIN
        while True:
            if cursor is None and job.is_final:
                for event in replay(job):
                    yield event
                return
            try:
                entries = await read_entries(redis, job, cursor or "0-0")
            except RedisError:
                await pause()
                entries = []
            for entry_id, fields in entries:
                event = Event.decode(entry_id, fields)
                cursor = entry_id
                if delivered.latest.takes(event):
                    yield event
                if event.name == FINISHED:
                    return
            if not entries and job.is_final:
                cursor = None
                yield START_AGAIN
            elif not entries:
                yield None
                job = await fetch_or_none(job.id) or job
    finally:
        await redis.aclose()


async def find_cursor(redis: Any, job: Job, last_event_id: str | None, delivered: Delivered) -> str | None:
    """Return the stream id to resume from: `last_event_id` when the stream still has it, else None."""
    if not last_event_id:
        return None
    try:
        before = await wait_cancelable(redis.xrange(stream_key(job.id), "-", last_event_id))
    except RedisError:
        return None
    if not before or before[-1][0] != last_event_id:
        return None
    for entry_id, fields in before:
        event = Event.decode(entry_id, fields)
        if delivered.latest.takes(event):
            delivered.count(event)
    return last_event_id


async def read_entries(redis: Any, job: Job, cursor: str) -> list[tuple[str, dict[str, str]]]:
    """Wait for the next entries, but not long when the job has ended: its last events are there or are lost."""
    seconds = LAST_READ_SECONDS if job.is_final else PING_SECONDS
    answer = await wait_cancelable(redis.xread({stream_key(job.id): cursor}, count=500, block=int(seconds * 1000)))
    if not answer:
        return []
    streams = answer.values() if isinstance(answer, dict) else [entries for _name, entries in answer]
    return [entry for entries in streams for entry in entries]


async def wait_cancelable(answer: Coroutine[Any, Any, Any]) -> Any:
    """Wait for Redis until the reader's task is canceled.

    redis-py 8.1 loses about one cancellation in four while it connects; `asyncio.wait` loses none.
    """
    task = asyncio.ensure_future(answer)
    try:
        await asyncio.wait({task})
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=0.05)
    return task.result()


def replay(job: Job) -> list[Event]:
    """Return the job from the beginning, as a few events.

    Their id is in no stream, so that a reader who is cut off in the middle is sent `reset` and then everything.
    """
    events = [Event(STARTED, {"attempt": job.attempt, "worker": job.worker}, id=REPLAYED)] if job.started_at else []
    if job.output:
        events.append(Event(OUTPUT, output_data(job.output, decode_logprobs(job.logprobs)), id=REPLAYED))
    return [*events, Event(FINISHED, id=REPLAYED)]


def missed_events(job: Job, delivered: Delivered) -> list[Event]:
    """Return the events to send before `finished` when Redis lost or never had a part of the output."""
    return [] if delivered.characters == len(job.output) else [START_AGAIN, *replay(job)[:-1]]


async def fetch(job_id: UUID) -> Job:
    """Read the job's row, without keeping a database connection while the stream stays open."""
    return await sync_to_async(fetch_and_close)(job_id)


async def fetch_or_none(job_id: UUID) -> Job | None:
    """Read the job's row; None while the database is away: readers stay connected until it is back."""
    try:
        return await fetch(job_id)
    except AWAY:
        return None


def fetch_and_close(job_id: UUID) -> Job:
    try:
        return Job.objects.select_related("tool").get(id=job_id)
    finally:
        close_old_connections()


async def pause() -> None:
    """Wait before the next request to a service that is away."""
    await asyncio.sleep(AWAY_SECONDS)
