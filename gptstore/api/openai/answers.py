"""The answers to one request: read side by side, and ended together."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from gptstore.api.openai.answer import Answer, Delta
from gptstore.jobs.models import Job

ENDED = Delta("")
"""What stands behind the last piece of an answer."""

Piece = tuple[int, Delta | None]
"""New text of an answer, by its place, or `ENDED`. None: nothing came for ten seconds."""


class Answers:
    """The answers of several jobs. When one fails, or the caller goes away, those that are not kept are canceled."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = answers

    @property
    def jobs(self) -> list[Job]:
        return [answer.job for answer in self.answers]

    async def whole(self) -> list[Job]:
        """Wait for the end of all jobs. Raises OpenAIError unless they succeeded."""
        async with aclosing(self.pieces()) as pieces:
            async for _ in pieces:
                pass
        return self.jobs

    async def pieces(self) -> AsyncGenerator[Piece]:
        """Yield new text of each answer as it is written. Raises what the first that fails raises."""
        if len(self.answers) == 1:
            async with aclosing(numbered(0, self.answers[0])) as pieces:
                async for piece in pieces:
                    yield piece
            return
        queue: asyncio.Queue[Piece | Exception] = asyncio.Queue(maxsize=len(self.answers))
        reading = [asyncio.create_task(read_into(queue, *one)) for one in enumerate(self.answers)]
        try:
            unended = len(reading)
            while unended:
                found = await queue.get()
                if isinstance(found, Exception):
                    raise found
                unended -= found[1] is ENDED
                yield found
        finally:
            for task in reading:
                task.cancel()
            await asyncio.wait(reading)


async def numbered(place: int, answer: Answer) -> AsyncGenerator[Piece]:
    async with aclosing(answer.pieces()) as pieces:
        async for delta in pieces:
            yield place, delta
    yield place, ENDED


async def read_into(queue: asyncio.Queue[Piece | Exception], place: int, answer: Answer) -> None:
    """Put the pieces of an answer into the queue, or the error with which it ends."""
    try:
        async with aclosing(numbered(place, answer)) as pieces:
            async for piece in pieces:
                await queue.put(piece)
    except Exception as error:
        await queue.put(error)
