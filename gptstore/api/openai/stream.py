"""Writes answers as OpenAI's server-sent events: a chunk of JSON in each `data`, and `[DONE]` at the end."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from django.http import StreamingHttpResponse

from gptstore.api.openai.answers import ENDED, Answers, Piece
from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.shapes import Shape

PING = ": ping\n\n"
DONE = "data: [DONE]\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Describe = Callable[[Exception], OpenAIError]


async def stream_answers(answers: Answers, shape: Shape, describe: Describe) -> StreamingHttpResponse:
    """Return the response once one of the answers has begun, or nothing came for ten seconds.

    A job that fails before that raises OpenAIError, with the status that a client makes its exception from; one that
    fails later ends the stream with an error. describe: turns any other exception into one.
    """
    pieces = answers.pieces()
    first = await anext(pieces)
    events = write_events(first, pieces, answers, shape, describe)
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=HEADERS)


async def write_events(
    first: Piece, pieces: AsyncGenerator[Piece], answers: Answers, shape: Shape, describe: Describe
) -> AsyncGenerator[str]:
    async with aclosing(pieces):
        for place in range(len(answers.jobs)):
            for chunk in shape.beginning(place):
                yield as_event(chunk)
        try:
            yield event_of(first, answers, shape)
            async for piece in pieces:
                yield event_of(piece, answers, shape)
        except Exception as error:
            yield as_event(describe(error).body)
            return
        for chunk in shape.usage(answers.jobs):
            yield as_event(chunk)
        yield DONE


def event_of(piece: Piece, answers: Answers, shape: Shape) -> str:
    place, delta = piece
    if delta is None:
        return PING
    return as_event(shape.ending(place, answers.jobs[place]) if delta is ENDED else shape.piece(place, delta))


def as_event(data: dict[str, Any]) -> str:
    """Return one event. All but ASCII is escaped: some clients take other signs for the end of a line."""
    return f"data: {json.dumps(data)}\n\n"
