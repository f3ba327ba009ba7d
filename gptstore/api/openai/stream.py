"""Writes an answer as OpenAI's server-sent events: a chunk of JSON in each `data`, and `[DONE]` at the end."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from django.http import StreamingHttpResponse

from gptstore.api.openai.answer import Answer
from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.shapes import Shape

PING = ": ping\n\n"
OVER = ""
"""What stands for the first piece of an answer that has none."""

DONE = "data: [DONE]\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Describe = Callable[[Exception], OpenAIError]


async def stream_answer(answer: Answer, shape: Shape, describe: Describe) -> StreamingHttpResponse:
    """Return the response once the answer has begun, or nothing came for ten seconds.

    A job that fails before that raises OpenAIError, with the status that a client makes its exception from; one that
    fails later ends the stream with an error. describe: turns any other exception into one.
    """
    pieces = answer.pieces()
    first = await anext(pieces, OVER)
    events = write_events(first, pieces, answer, shape, describe)
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=HEADERS)


async def write_events(
    first: str | None, pieces: AsyncGenerator[str | None], answer: Answer, shape: Shape, describe: Describe
) -> AsyncGenerator[str]:
    async with aclosing(pieces):
        for chunk in shape.beginning():
            yield as_event(chunk)
        try:
            if first != OVER:
                yield as_event(shape.piece(first)) if first else PING
            async for piece in pieces:
                yield as_event(shape.piece(piece)) if piece else PING
        except Exception as error:
            yield as_event(describe(error).body)
            return
        for chunk in shape.ending(answer.job):
            yield as_event(chunk)
        yield DONE


def as_event(data: dict[str, Any]) -> str:
    """Return one event. All but ASCII is escaped: some clients take other signs for the end of a line."""
    return f"data: {json.dumps(data)}\n\n"
