"""A job's events as Server-Sent Events, resumable with `Last-Event-ID` (WHATWG HTML, section 9.2).

While the job runs, events come from its Redis stream; when it has ended, from its row. A reader that asks to go on
from an event that Redis no longer has is sent `reset` and then everything. That `reset` has an id which no stream has:
one who is cut off right after it has dropped its text, and must not go on where it was before.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from redis import RedisError

from gptstore.jobs.events.events import FINISHED, OUTPUT, RESET, STARTED, Event, LatestAttempt, stream_key
from gptstore.jobs.models import Job
from gptstore.jobs.redis import async_client
from gptstore.jobs.wire.serialize import job_json
from gptstore.outage import AWAY

PING_SECONDS = 10.0
AWAY_SECONDS = 1.0
LAST_LOOK_SECONDS = 0.2
PING = ": ping\n\n"
RETRY = "retry: 1000\n\n"
REPLAYED = "row"
START_AGAIN = Event(RESET, id=REPLAYED)
# No line ends in HTML's definition, but in that of many clients, such as those built on Python's `splitlines`.
LINE_ENDS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}


def sse_response(job: Job, last_event_id: str | None, base_url: str) -> StreamingHttpResponse:
    """The response for a job that the caller may see. Ends after `finished`."""
    response = StreamingHttpResponse(write_events(job.id, last_event_id, base_url), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def write_events(job_id: UUID, last_event_id: str | None, base_url: str) -> AsyncGenerator[str]:
    yield RETRY
    while (job := await fetch_if_there(job_id)) is None:
        yield await wait_a_moment()
    told = Told()
    async with aclosing(read_events(job, last_event_id, told)) as events:
        async for event in events:
            if event is None:
                yield PING
            elif event.name == FINISHED:
                while (job := await fetch_if_there(job_id)) is None:
                    yield await wait_a_moment()
                for missed in correct(job, told):
                    yield as_sse(missed, missed.data)
                yield as_sse(event, job_json(job, base_url))
            else:
                told.count(event)
                yield as_sse(event, event.data)


@dataclass
class Told:
    """What a reader was sent. characters: of output, since the last `reset`."""

    characters: int = 0
    latest: LatestAttempt = field(default_factory=LatestAttempt)

    def count(self, event: Event) -> None:
        if event.name == RESET:
            self.characters = 0
        elif event.name == OUTPUT:
            self.characters += len(event.data["text"])


def correct(job: Job, told: Told) -> list[Event]:
    """What to send before `finished` when Redis lost or never had a part of the output."""
    return [] if told.characters == len(job.output) else [START_AGAIN, *replay(job)[:-1]]


def as_sse(event: Event, data: dict[str, Any]) -> str:
    head = f"id: {event.id}\n" if event.id else ""
    text = json.dumps(data, ensure_ascii=False).translate(LINE_ENDS)
    return f"{head}event: {event.name}\ndata: {text}\n\n"


async def fetch(job_id: UUID) -> Job:
    """The job's row, without keeping a database connection while the stream stays open."""
    return await sync_to_async(fetch_and_let_go)(job_id)


async def fetch_if_there(job_id: UUID) -> Job | None:
    """The job's row, or None while the database is away: readers stay connected until it is back."""
    try:
        return await fetch(job_id)
    except AWAY:
        return None


async def wait_a_moment() -> str:
    await asyncio.sleep(AWAY_SECONDS)
    return PING


def fetch_and_let_go(job_id: UUID) -> Job:
    try:
        return Job.objects.select_related("tool").get(id=job_id)
    finally:
        close_old_connections()


async def read_events(job: Job, last_event_id: str | None, told: Told) -> AsyncGenerator[Event | None]:
    """Events until `finished`; None each time nothing was said for `PING_SECONDS`.

    told: is given what the reader had heard before, when it goes on from there.
    """
    redis = async_client(PING_SECONDS)
    try:
        cursor = await find_place(redis, job, last_event_id, told)
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
                await asyncio.sleep(AWAY_SECONDS)
                entries = []
            for entry_id, fields in entries:
                event = Event.decode(entry_id, fields)
                cursor = entry_id
                if told.latest.takes(event):
                    yield event
                if event.name == FINISHED:
                    return
            if not entries and job.is_final:
                cursor = None
                yield START_AGAIN
            elif not entries:
                yield None
                job = await fetch_if_there(job.id) or job
    finally:
        await redis.aclose()


async def find_place(redis: Any, job: Job, last_event_id: str | None, told: Told) -> str | None:
    """Where in the stream to go on: `last_event_id` when the stream still has it, else None."""
    if not last_event_id:
        return None
    try:
        heard = await heed_cancel(redis.xrange(stream_key(job.id), "-", last_event_id))
    except RedisError:
        return None
    if not heard or heard[-1][0] != last_event_id:
        return None
    for entry_id, fields in heard:
        event = Event.decode(entry_id, fields)
        if told.latest.takes(event):
            told.count(event)
    return last_event_id


async def read_entries(redis: Any, job: Job, cursor: str) -> list[tuple[str, dict[str, str]]]:
    """The next ones. Waits for them, but not long when the job has ended: its last events are there or are lost."""
    seconds = LAST_LOOK_SECONDS if job.is_final else PING_SECONDS
    answer = await heed_cancel(redis.xread({stream_key(job.id): cursor}, count=500, block=int(seconds * 1000)))
    if not answer:
        return []
    streams = answer.values() if isinstance(answer, dict) else [entries for _name, entries in answer]
    return [entry for entries in streams for entry in entries]


async def heed_cancel(answer: Coroutine[Any, Any, Any]) -> Any:
    """Wait for Redis, but no longer than the reader does.

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
    """What a reader from the beginning would have got, as a few events.

    Their id is in no stream, so that a reader who is cut off in the middle is sent `reset` and then everything.
    """
    events = [Event(STARTED, {"attempt": job.attempt, "worker": job.worker}, id=REPLAYED)] if job.started_at else []
    if job.output:
        events.append(Event(OUTPUT, {"text": job.output}, id=REPLAYED))
    return [*events, Event(FINISHED, id=REPLAYED)]
