"""Writes a job's events as Server-Sent Events (WHATWG HTML, section 9.2), for pages and programs alike."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from gptstore.jobs.events.events import FINISHED, Event
from gptstore.jobs.models import Job
from gptstore.jobs.wire.serialize import job_json
from gptstore.jobs.wire.stream import Delivered, fetch_or_none, missed_events, pause, read_events

PING = ": ping\n\n"
RETRY = "retry: 1000\n\n"
# They end no line by HTML's definition, but do in many clients, such as those built on Python's `splitlines`.
LINE_ENDS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}


def sse_response(job: Job, last_event_id: str | None, base_url: str) -> StreamingHttpResponse:
    """Return the response for a job that the caller may see. It ends after `finished`."""
    response = StreamingHttpResponse(write_events(job.id, last_event_id, base_url), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def write_events(job_id: UUID, last_event_id: str | None, base_url: str) -> AsyncGenerator[str]:
    """Write the stream. It ends where the job was deleted meanwhile, such as by retention."""
    yield RETRY
    with suppress(Job.DoesNotExist):
        async with aclosing(write_known(job_id, last_event_id, base_url)) as texts:
            async for text in texts:
                yield text


async def write_known(job_id: UUID, last_event_id: str | None, base_url: str) -> AsyncGenerator[str]:
    """Write the events. Raises Job.DoesNotExist."""
    while (job := await fetch_or_none(job_id)) is None:
        await pause()
        yield PING
    delivered = Delivered()
    async with aclosing(read_events(job, last_event_id, delivered)) as events:
        async for event in events:
            if event is None:
                yield PING
            elif event.name == FINISHED:
                while (job := await fetch_or_none(job_id)) is None:
                    await pause()
                    yield PING
                for missed in missed_events(job, delivered):
                    yield as_sse(missed, missed.data)
                yield as_sse(event, job_json(job, base_url))
            else:
                delivered.count(event)
                yield as_sse(event, event.data)


def as_sse(event: Event, data: dict[str, Any]) -> str:
    head = f"id: {event.id}\n" if event.id else ""
    text = json.dumps(data, ensure_ascii=False).translate(LINE_ENDS)
    return f"{head}event: {event.name}\ndata: {text}\n\n"
