"""Events of the server as text, which browsers read as they come."""

from __future__ import annotations

import json
from asyncio import ensure_future, shield, wait_for
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from gptstore.sdk.dev.page.locale import Locale
from gptstore.sdk.dev.page.page_run import PageRun

PING_SECONDS = 10.0


async def run_events(run: PageRun, after: int, locale: Locale) -> AsyncIterator[str]:
    """Yield the events of a run as text. What the model was asked comes with its HTML, in the reader's language."""
    async for number, found in run.follow(after):
        data: dict[str, Any] = found.data
        match found.name:
            case "started":
                data = {**data, "attempt": 1}
            case "model":
                data = {"number": data["number"], "html": locale.draw("request.html", request=data)}
        yield as_event(number, found.name, data)


def as_event(number: int, name: str, data: dict[str, Any]) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


def event_stream(events: AsyncIterator[str]) -> Response:
    """Return server-sent events, with a sign of life where nothing happens."""

    async def with_pings() -> AsyncIterator[str]:
        yield ": hello\n\n"
        async for text in pinged(events):
            yield text

    return StreamingResponse(with_pings(), media_type="text/event-stream")


async def pinged(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the events, and a comment whenever none came for a while."""
    coming = ensure_future(anext(events))
    try:
        while True:
            try:
                text = await wait_for(shield(coming), PING_SECONDS)
            except TimeoutError:
                yield ": ping\n\n"
                continue
            except StopAsyncIteration:
                return
            yield text
            coming = ensure_future(anext(events))
    finally:
        coming.cancel()
